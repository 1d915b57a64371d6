/**
 * Writes a mask as PNG. A canvas cannot: it forgets the colour of what is transparent, and engines read either the one
 * or the other. Here what is covered is white and transparent, the rest black and opaque: the same mask for who reads
 * its red (`LoadImageMask`), its brightness (`ImageToMask`) or its transparency (`LoadImage`).
 */

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const [DEPTH, WITH_OPACITY] = [8, 6];

/**
 * @param {number} width
 * @param {number} height
 * @param {Iterable<Uint8Array>} rows How much each point is covered.
 * @returns {Promise<Blob>}
 */
export async function encodeMask(width, height, rows) {
    const head = new Uint8Array(13);
    const view = new DataView(head.buffer);
    view.setUint32(0, width);
    view.setUint32(4, height);
    head.set([DEPTH, WITH_OPACITY], 8);
    const parts = [new Uint8Array(SIGNATURE), chunk('IHDR', head)];
    parts.push(chunk('IDAT', await deflated(rows)), chunk('IEND', new Uint8Array(0)));
    return new Blob(parts, { type: 'image/png' });
}

/**
 * Return a row as PNG has it: a filter, which is none, and four bytes for each point.
 * @param {Uint8Array} row
 */
export function pixelsOf(row) {
    const line = new Uint8Array(1 + 4 * row.length);
    for (let at = 0; at < row.length; at += 1) {
        const covered = row[at] ?? 0;
        line.fill(covered, 1 + 4 * at, 4 + 4 * at);
        line[4 + 4 * at] = 255 - covered;
    }
    return line;
}

/**
 * @param {Iterable<Uint8Array>} rows
 * @returns {Promise<Uint8Array<ArrayBuffer>>}
 */
async function deflated(rows) {
    const packing = new CompressionStream('deflate');
    const packed = new Response(packing.readable).arrayBuffer();
    const writer = packing.writable.getWriter();
    for (const row of rows) await writer.write(pixelsOf(row));
    await writer.close();
    return new Uint8Array(await packed);
}

/**
 * @param {string} name
 * @param {Uint8Array} content
 * @returns {Uint8Array<ArrayBuffer>}
 */
function chunk(name, content) {
    const made = new Uint8Array(12 + content.length);
    const view = new DataView(made.buffer);
    view.setUint32(0, content.length);
    for (let at = 0; at < 4; at += 1) made[4 + at] = name.charCodeAt(at);
    made.set(content, 8);
    view.setUint32(8 + content.length, checksum(made.subarray(4, 8 + content.length)));
    return made;
}

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
    let value = byte;
    for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
    return value >>> 0;
});

/**
 * Return the CRC-32 of bytes.
 * @param {Uint8Array} bytes
 */
export function checksum(bytes) {
    let value = 0xffffffff;
    for (const byte of bytes) value = (TABLE[(value ^ byte) & 0xff] ?? 0) ^ (value >>> 8);
    return (value ^ 0xffffffff) >>> 0;
}
