/**
 * Reads the blobs that `components/packing.py` writes: a uint32 header length, a JSON header, aligned arrays.
 *
 * @typedef {{shape: number[], values: Float32Array | Uint8Array}} NumberArray
 * @typedef {{meta: any, arrays: Record<string, NumberArray>}} Payload
 */

/**
 * The meta and the arrays of a blob.  The bytes may begin anywhere in their buffer: what is read is copied.
 *
 * @param {Uint8Array} bytes
 * @returns {Payload}
 */
export function unpack(bytes) {
  const length = new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true);
  const start = 4 + length;
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(4, start)));
  const arrays = Object.fromEntries(
    Object.entries(header.arrays).map(([name, spec]) => [name, readArray(bytes, start + spec.offset, spec)]),
  );
  return { meta: header.meta, arrays };
}

/** Bytes of one number of each dtype that travels. */
const SIZES = { float16: 2, float32: 4, uint8: 1 };

function readArray(bytes, start, { dtype, shape }) {
  const count = shape.reduce((product, size) => product * size, 1);
  const { buffer } = bytes.slice(start, start + count * SIZES[dtype]);
  if (dtype === "float16") return { shape, values: fromHalves(buffer) };
  return { shape, values: dtype === "uint8" ? new Uint8Array(buffer) : new Float32Array(buffer) };
}

/**
 * The numbers of a buffer of float16, as float32, which holds each of them exactly.
 *
 * @param {ArrayBuffer} buffer
 * @param {any} native  the browser's own Float16Array, where it has one
 * @returns {Float32Array}
 */
export function fromHalves(buffer, native = globalThis.Float16Array) {
  if (native) return new Float32Array(new native(buffer));
  return Float32Array.from(new Uint16Array(buffer), halfToNumber);
}

/**
 * The number that 16 bits of IEEE 754 half precision stand for.
 *
 * @param {number} bits
 * @returns {number}
 */
export function halfToNumber(bits) {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction ? NaN : sign * Infinity;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
