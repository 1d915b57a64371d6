/** How large a picture to start from should be. Pure. */

/** Longer sides than this take models more memory and time than they give back. */
export const LARGE = 1536;
const USUAL = 1024;

/**
 * Return the size that a picture should have rather; null where it is well as it is.
 * @param {number} width
 * @param {number} height
 */
export function smaller(width, height) {
    const longest = Math.max(width, height);
    if (longest <= LARGE) return null;
    const scaled = (/** @type {number} */ side) => Math.max(8, Math.round((side * USUAL) / longest / 8) * 8);
    return { width: scaled(width), height: scaled(height) };
}
