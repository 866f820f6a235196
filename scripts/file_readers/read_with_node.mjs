// SPDX-License-Identifier: GPL-3.0-or-later
// Read files with three.js, or check them with the Khronos validator, and print what it sees, as JSON.
// Arguments: "three", "babylon" or "validator", the folder of node_modules, then paths.
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

// Node has no decoder of images: the PNG of a GLB is read beside the reader, at the coordinates that it gives.
async function withTexture(found, content) {
  const length = content.readUInt32LE(12);
  const tree = JSON.parse(content.subarray(20, 20 + length));
  if (!found.place || !tree.images) return found;
  const { byteOffset = 0, byteLength } = tree.bufferViews[tree.images[0].bufferView];
  const { PNG } = createRequire(`${modules}/`)('pngjs');
  const { width, height, data } = PNG.sync.read(content.subarray(28 + length + byteOffset, 28 + length + byteOffset + byteLength));
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
  if (glb) return withTexture(found, content);
  return found.place && !found.color ? { ...found, is_texture_unread: true } : found;
}

async function withBabylon(path) {
  const { LoadAssetContainerAsync, NullEngine, Scene, Vector3 } = await load('@babylonjs/core/index.js');
  await load('@babylonjs/loaders/glTF/index.js');
  const content = readFileSync(path);
  const scene = new Scene(new NullEngine());
  scene.useRightHandedSystem = true;
  const { meshes } = await LoadAssetContainerAsync(new Uint8Array(content), scene, { pluginExtension: '.glb' });
  const mesh = meshes.find((item) => item.getTotalVertices());
  if (!mesh) return { error: 'nothing there' };
  const world = mesh.computeWorldMatrix(true), local = mesh.getVerticesData('position');
  const points = [...Array(mesh.getTotalVertices()).keys()].map(
    (index) => Vector3.TransformCoordinates(Vector3.FromArray(local, 3 * index), world).asArray());
  const low = [0, 1, 2].map((axis) => Math.min(...points.map((point) => point[axis])));
  const high = [0, 1, 2].map((axis) => Math.max(...points.map((point) => point[axis])));
  const top = points.reduce((best, point, index) => (point[1] > points[best][1] ? index : best), 0);
  const colors = mesh.getVerticesData('color'), places = mesh.getVerticesData('uv');
  const first = colors ? top * (colors.length / points.length) : 0;
  const color = colors ? Array.from(colors.slice(first, first + 3)) : null;
  const place = places ? [places[2 * top], places[2 * top + 1]] : null;
  return withTexture({ low, high, top: points[top], up: 1, color, place, space: 'linear' }, content);
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
    results.push(await ({ three: withThree, babylon: withBabylon, validator: withValidator })[reader](path));
  } catch (error) {
    results.push({ error: String(error.message).slice(0, 80) });
  }
}
console.log(`\nRESULTS ${JSON.stringify(results)}`);
process.exit(0);  // Babylon.js goes on rendering
