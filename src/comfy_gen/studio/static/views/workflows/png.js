/** Reads the texts inside a PNG, chunk by chunk: ComfyUI keeps there what a picture was made with. Knows no page. */

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
/** A few kilobytes can unpack to gigabytes. The largest workflows are some megabytes. */
const MOST = 64 * 1024 * 1024;

/**
 * Tell whether bytes begin as a PNG does.
 * @param {Uint8Array} bytes
 */
export const isPng = (bytes) => SIGNATURE.every((one, at) => bytes[at] === one);

/**
 * Return the texts of a PNG by keyword; of two with one keyword, the first. What is cut off ends there, and what is
 * not packed as it should be is left out.
 * @param {Uint8Array<ArrayBuffer>} bytes
 * @returns {Promise<Map<string, string>>}
 */
export async function textsOf(bytes) {
    /** @type {Map<string, string>} */
    const texts = new Map();
    for (const { kind, body } of chunksOf(bytes)) {
        const found = READERS[kind]?.(body);
        if (!found || texts.has(found.keyword)) continue;
        const text = await unpacked(found);
        if (text !== null) texts.set(found.keyword, text);
    }
    return texts;
}

/** @param {Uint8Array<ArrayBuffer>} bytes */
function* chunksOf(bytes) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let at = SIGNATURE.length;
    while (at + 12 <= bytes.length) {
        const end = at + 12 + view.getUint32(at);
        const kind = latin(bytes.subarray(at + 4, at + 8));
        if (end > bytes.length) return;
        yield { kind, body: bytes.subarray(at + 8, end - 4) };
        at = end;
    }
}

/** @typedef {{ keyword: string, content: Uint8Array<ArrayBuffer>, isPacked: boolean, encoding: string }} Packed */

/** @type {Record<string, (body: Uint8Array<ArrayBuffer>) => Packed | null>} */
const READERS = {
    tEXt: (body) => {
        const [keyword, content] = parted(body);
        return { keyword, content, isPacked: false, encoding: 'latin1' };
    },
    zTXt: (body) => {
        const [keyword, rest] = parted(body);
        return { keyword, content: rest.subarray(1), isPacked: true, encoding: 'latin1' };
    },
    iTXt: (body) => {
        const [keyword, rest] = parted(body);
        const [, afterLanguage] = parted(rest.subarray(2));
        const [, content] = parted(afterLanguage);
        return { keyword, content, isPacked: rest[0] === 1, encoding: 'utf-8' };
    },
};

/**
 * Return what is before the first zero, as text, and what is behind it.
 * @param {Uint8Array<ArrayBuffer>} bytes
 * @returns {[string, Uint8Array<ArrayBuffer>]}
 */
function parted(bytes) {
    const at = bytes.indexOf(0);
    return at < 0
        ? [latin(bytes), bytes.subarray(bytes.length)]
        : [latin(bytes.subarray(0, at)), bytes.subarray(at + 1)];
}

/**
 * Return the text; null where it is not packed as it should be, or unpacks to more than there can be.
 * @param {Packed} packed
 */
async function unpacked({ content, isPacked, encoding }) {
    try {
        const bytes = isPacked ? await inflated(content) : content;
        return encoding === 'utf-8' ? new TextDecoder().decode(bytes) : eitherWay(bytes);
    } catch {
        return null; // what is thrown here is not the same in all browsers
    }
}

/**
 * Some programs write UTF-8 where the standard says Latin-1.
 * @param {Uint8Array} bytes
 */
function eitherWay(bytes) {
    try {
        return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    } catch {
        return latin(bytes);
    }
}

/** @param {Uint8Array} bytes */
const latin = (bytes) => new TextDecoder('latin1').decode(bytes);

/**
 * @param {Uint8Array<ArrayBuffer>} content
 * @throws {Error}
 */
async function inflated(content) {
    const stream = new Blob([content]).stream().pipeThrough(new DecompressionStream('deflate'));
    const reader = stream.getReader();
    /** @type {Uint8Array<ArrayBuffer>[]} */
    const pieces = [];
    let total = 0;
    for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
        total += piece.value.length;
        if (total > MOST) {
            await reader.cancel();
            throw new RangeError('it unpacks to more than a workflow can be');
        }
        pieces.push(piece.value);
    }
    return new Uint8Array(await new Blob(pieces).arrayBuffer());
}
