// SPDX-License-Identifier: GPL-3.0-or-later
// Read files with three.js, or check them with the Khronos validator, and print what it sees, as JSON.
// Arguments: "three" or "validator", the folder of node_modules, then paths.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const [reader, modules, ...paths] = process.argv.slice(2);
const load = (name) => import(pathToFileURL(`${modules}/${name}`).href);
globalThis.self = globalThis;
if (reader === 'three') {
  const { JSDOM } = createRequire(`${modules}/`)('jsdom');  // a browser's parser of XML, for 3MF
  const { window } = new JSDOM();
  Object.assign(globalThis, { window, DOMParser: window.DOMParser, document: window.document });
  globalThis.createImageBitmap = async () => ({ width: 1, height: 1, close() {} });  // no decoder: textures stay empty
}

// In floats: an attribute of 16-bit positions rounds what a matrix makes of them.
function placed(attribute, matrix, three) {
  const points = new three.BufferAttribute(new Float32Array(3 * attribute.count), 3);
  for (let index = 0; index < attribute.count; index += 1) {
    const point = new three.Vector3().fromBufferAttribute(attribute, index).applyMatrix4(matrix);
    points.setXYZ(index, point.x, point.y, point.z);
  }
  return points;
}

function seen(geometry, matrix, up, three, unit = 1) {
  const points = placed(geometry.getAttribute('position'), matrix, three);
  const low = [Infinity, Infinity, Infinity], high = [-Infinity, -Infinity, -Infinity];
  let top = 0;
  for (let index = 0; index < points.count; index += 1) {
    for (let axis = 0; axis < 3; axis += 1) {
      low[axis] = Math.min(low[axis], unit * points.getComponent(index, axis));
      high[axis] = Math.max(high[axis], unit * points.getComponent(index, axis));
    }
    if (points.getComponent(index, up) > points.getComponent(top, up)) top = index;
  }
  const colors = geometry.getAttribute('color');
  const color = colors ? [0, 1, 2].map((axis) => colors.getComponent(top, axis)) : null;
  const places = geometry.getAttribute('uv');
  const place = places ? [places.getX(top), places.getY(top)] : null;
  const highest = [0, 1, 2].map((axis) => unit * points.getComponent(top, axis));
  return { low, high, top: highest, up, color, place, space: 'linear' };
}

// Node has no decoder of images: the PNG of a GLB is taken from three.js as bytes.
async function withTexture(found, parser) {
  if (!found.place || !parser.json.images) return found;
  const { PNG } = createRequire(`${modules}/`)('pngjs');
  const { width, height, data } = PNG.sync.read(Buffer.from(await parser.getDependency('bufferView', parser.json.images[0].bufferView)));
  const column = Math.min(Math.floor(found.place[0] * width), width - 1);
  const row = Math.min(Math.floor(found.place[1] * height), height - 1);
  const first = 4 * (row * width + column);
  return { ...found, color: [0, 1, 2].map((channel) => data[first + channel] / 255), space: 'srgb' };
}

async function withThree(path) {
  const three = await load('three/build/three.module.js');
  const suffix = path.split('.').pop();
  const content = readFileSync(path);
  const bytes = content.buffer.slice(content.byteOffset, content.byteOffset + content.byteLength);
  const identity = new three.Matrix4();
  const loaders = { glb: 'GLTFLoader', ply: 'PLYLoader', obj: 'OBJLoader', stl: 'STLLoader',
    '3mf': 'ThreeMFLoader', usd: 'USDLoader', usdz: 'USDLoader', fbx: 'FBXLoader' };
  const name = loaders[suffix];
  const loader = new (await load(`three/examples/jsm/loaders/${name.replace('ThreeMF', '3MF')}.js`))[name]();
  if (suffix === 'ply' || suffix === 'stl') return seen(loader.parse(bytes), identity, 2, three);
  const glb = suffix === 'glb' ? await loader.parseAsync(bytes, '') : null;
  const root = glb ? glb.scene : suffix === 'obj' ? loader.parse(content.toString()) : loader.parse(bytes, '');
  root.updateMatrixWorld(true);
  let found = null;
  const [up, unit] = suffix === '3mf' ? [2, 0.001] : [1, 1];
  root.traverse((item) => { if (item.geometry) found = seen(item.geometry, item.matrixWorld, up, three, unit); });
  if (!found) return { error: 'nothing there' };
  if (glb) return withTexture(found, glb.parser);
  return found.place && !found.color ? { ...found, is_texture_unread: true } : found;
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
