// SPDX-License-Identifier: GPL-3.0-or-later
// Read files with three.js, or check them with the Khronos validator, and print what it sees, as JSON.
// Arguments: "three" or "validator", the folder of node_modules, then paths.
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const [reader, modules, ...paths] = process.argv.slice(2);
const load = (name) => import(pathToFileURL(`${modules}/${name}`).href);
globalThis.self = globalThis;

function seen(geometry, matrix, up) {
  const points = geometry.getAttribute('position').clone().applyMatrix4(matrix);
  const low = [Infinity, Infinity, Infinity], high = [-Infinity, -Infinity, -Infinity];
  let top = 0;
  for (let index = 0; index < points.count; index += 1) {
    for (let axis = 0; axis < 3; axis += 1) {
      low[axis] = Math.min(low[axis], points.getComponent(index, axis));
      high[axis] = Math.max(high[axis], points.getComponent(index, axis));
    }
    if (points.getComponent(index, up) > points.getComponent(top, up)) top = index;
  }
  const colors = geometry.getAttribute('color');
  const color = colors ? [0, 1, 2].map((axis) => colors.getComponent(top, axis)) : null;
  return { low, high, up, color, space: 'linear' };
}

async function withThree(path) {
  const three = await load('three/build/three.module.js');
  const suffix = path.split('.').pop();
  const content = readFileSync(path);
  const bytes = content.buffer.slice(content.byteOffset, content.byteOffset + content.byteLength);
  const identity = new three.Matrix4();
  const loaders = { glb: 'GLTFLoader', ply: 'PLYLoader', obj: 'OBJLoader', stl: 'STLLoader' };
  if (!(suffix in loaders)) throw new Error('needs a browser');
  const loader = new (await load(`three/examples/jsm/loaders/${loaders[suffix]}.js`))[loaders[suffix]]();
  if (suffix === 'ply' || suffix === 'stl') return seen(loader.parse(bytes), identity, 2);
  const root = suffix === 'obj' ? loader.parse(content.toString()) : (await loader.parseAsync(bytes, '')).scene;
  root.updateMatrixWorld(true);
  let found = null;
  root.traverse((item) => { if (item.geometry) found = seen(item.geometry, item.matrixWorld, 1); });
  return found;
}

async function withValidator(path) {
  const validator = await load('gltf-validator/index.js');
  const { issues } = await validator.default.validateBytes(new Uint8Array(readFileSync(path)));
  const { numErrors, numWarnings, numInfos, numHints } = issues;
  return { issues: { errors: numErrors, warnings: numWarnings, infos: numInfos, hints: numHints } };
}

const results = [];
for (const path of paths) {
  try {
    results.push(await (reader === 'three' ? withThree : withValidator)(path));
  } catch (error) {
    results.push({ error: String(error.message).slice(0, 80) });
  }
}
console.log(`\nRESULTS ${JSON.stringify(results)}`);
