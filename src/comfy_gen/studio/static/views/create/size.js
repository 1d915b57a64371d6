/** Which width and height an aspect ratio means, at about as many pixels as a workflow is made for. Pure. */

/** @typedef {{ width: number, height: number }} Size */
/** @typedef {{ pixels: number, multiple: number, least: number, most: number }} Bounds */

export const ASPECTS = ['1:1', '3:2', '2:3', '4:3', '3:4', '16:9', '9:16', '21:9'];
const USUAL = { pixels: 1024 * 1024, multiple: 8, least: 256, most: 2048 };
/** Names of models that are made for a megapixel; the others, by their age, for a quarter of one. */
const LARGE = /xl|flux|sd_?v?3|qwen|pony|illustrious|noob|hidream|chroma|lumina|z[-_]image/i;

/**
 * Return what a workflow's schema says of its size.
 * @param {any} schema Null where the service is to choose.
 * @param {readonly string[]} [models] Those that it can choose from.
 * @returns {Bounds}
 */
export function boundsOf(schema, models = []) {
    const [width, height] = [schema?.properties?.width, schema?.properties?.height];
    const isSmall = !schema && models.length > 0 && !models.some((one) => LARGE.test(one));
    if (!width || !height) return isSmall ? { ...USUAL, pixels: 512 * 512 } : USUAL;
    const multiple = Math.max(8, width.multipleOf ?? 8, height.multipleOf ?? 8);
    const pixels = (width.default ?? 1024) * (height.default ?? 1024);
    const least = Math.max(width.minimum ?? 64, height.minimum ?? 64);
    return { pixels, multiple, least, most: Math.min(width.maximum ?? 2048, height.maximum ?? 2048) };
}

/**
 * Return the size of an aspect ratio.
 * @param {string} aspect Such as `3:2`.
 * @param {Bounds} bounds
 * @returns {Size}
 */
export function sizeOf(aspect, bounds) {
    const [across, down] = /** @type {[number, number]} */ (aspect.split(':').map(Number));
    const height = Math.sqrt((bounds.pixels * down) / across);
    return { width: rounded((height * across) / down, bounds), height: rounded(height, bounds) };
}

/**
 * Return the aspect ratio that a size was made of; `custom` where there is none.
 * @param {Size} size
 * @param {Bounds} bounds
 */
export function aspectOf({ width, height }, bounds) {
    const found = ASPECTS.find((one) => {
        const size = sizeOf(one, bounds);
        return size.width === width && size.height === height;
    });
    return found ?? 'custom';
}

/**
 * Return the nearest side that a workflow takes.
 * @param {number} side
 * @param {Bounds} bounds
 */
export function rounded(side, { multiple, least, most }) {
    const inside = Math.min(Math.max(side, least), most);
    return (
        Math.min(Math.max(Math.round(inside / multiple), Math.ceil(least / multiple)), Math.floor(most / multiple)) *
        multiple
    );
}
