/**
 * A mask while it is painted: for each point how much of it is covered, from 0 to 255. What is covered is painted anew.
 * Pure: knows nothing of canvases.
 */

/** @typedef {{ width: number, height: number, data: Uint8Array }} Mask */
/** @typedef {{ x: number, y: number }} Point */
/** @typedef {{ left: number, top: number, width: number, height: number }} Box */

/** Larger pictures are painted on at this size, and the mask is enlarged in the end: nobody's hand is more exact. */
export const MOST = 2048;

/**
 * Return the size at which a mask of a picture is painted.
 * @param {number} width
 * @param {number} height
 */
export function workingSize(width, height) {
    const scale = Math.min(1, MOST / Math.max(width, height));
    return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}

/**
 * @param {number} width
 * @param {number} height
 * @param {Uint8Array} [data]
 * @returns {Mask}
 */
export const createMask = (width, height, data = new Uint8Array(width * height)) => ({ width, height, data });

/**
 * Read a mask out of a picture: of its transparency where it has any, else of how light it is.
 * @param {Uint8ClampedArray | Uint8Array} pixels Red, green, blue and opacity of each.
 */
export function readMask(pixels) {
    const count = pixels.length / 4;
    const found = new Uint8Array(count);
    let isOpaque = true;
    for (let at = 0; at < count && isOpaque; at += 1) isOpaque = pixels[4 * at + 3] === 255;
    for (let at = 0; at < count; at += 1)
        found[at] = isOpaque ? (pixels[4 * at] ?? 0) : 255 - (pixels[4 * at + 3] ?? 255);
    return found;
}

/**
 * Draw a line with a round brush, and return where something may have changed; null where nothing could.
 * @param {Mask} mask
 * @param {Point} from
 * @param {Point} to
 * @param {number} radius
 * @param {boolean} [isErasing]
 * @returns {Box | null}
 */
export function stroke(mask, from, to, radius, isErasing = false) {
    const box = boxAround(mask, from, to, radius);
    if (!box) return null;
    for (let y = box.top; y < box.top + box.height; y += 1) {
        for (let x = box.left; x < box.left + box.width; x += 1) {
            // The edge is as soft as one point is wide.
            const near = radius + 0.5 - distance(x + 0.5, y + 0.5, from, to);
            if (near <= 0) continue;
            const covered = near >= 1 ? 255 : Math.round(255 * near);
            const at = y * mask.width + x;
            const before = mask.data[at] ?? 0;
            mask.data[at] = isErasing ? Math.min(before, 255 - covered) : Math.max(before, covered);
        }
    }
    return box;
}

/**
 * Cover what is not, and uncover what is.
 * @param {Mask} mask
 */
export function invert(mask) {
    for (let at = 0; at < mask.data.length; at += 1) mask.data[at] = 255 - (mask.data[at] ?? 0);
}

/** @param {Mask} mask */
export const clear = (mask) => void mask.data.fill(0);

/**
 * Return the smallest box with all that is covered; null where nothing is.
 * @param {Mask} mask
 * @returns {Box | null}
 */
export function boundsOf({ width, height, data }) {
    let [left, right, top, bottom] = [width, -1, -1, -1];
    for (let y = 0; y < height; y += 1) {
        for (let x = 0; x < width; x += 1) {
            if (!data[y * width + x]) continue;
            if (x < left) left = x;
            if (x > right) right = x;
            if (top < 0) top = y;
            bottom = y;
        }
    }
    return right < 0 ? null : { left, top, width: right - left + 1, height: bottom - top + 1 };
}

/**
 * Return how much of all is covered, from 0 to 1.
 * @param {Mask} mask
 */
export function shareOf({ data }) {
    let sum = 0;
    for (let at = 0; at < data.length; at += 1) sum += data[at] ?? 0;
    return sum / (255 * data.length || 1);
}

/** @param {Mask} mask @returns {Box} */
export const whole = ({ width, height }) => ({ left: 0, top: 0, width, height });

/**
 * Return the smallest box that has both.
 * @param {Box | null} one
 * @param {Box | null} other
 * @returns {Box | null}
 */
export function together(one, other) {
    if (!one || !other) return one ?? other;
    const [left, top] = [Math.min(one.left, other.left), Math.min(one.top, other.top)];
    const right = Math.max(one.left + one.width, other.left + other.width);
    const bottom = Math.max(one.top + one.height, other.top + other.height);
    return { left, top, width: right - left, height: bottom - top };
}

/**
 * Return the rows of a mask at another size, one after the other: all of a large one at once would be too much.
 * @param {Mask} mask
 * @param {number} width
 * @param {number} height
 * @returns {Generator<Uint8Array>}
 */
export function* rowsAt(mask, width, height) {
    const columns = Array.from({ length: width }, (_, x) => between(x, width, mask.width));
    for (let y = 0; y < height; y += 1) {
        const { first, second, part } = between(y, height, mask.height);
        const [upper, lower] = [first * mask.width, second * mask.width];
        const row = new Uint8Array(width);
        columns.forEach(({ first: left, second: right, part: over }, x) => {
            const at = (/** @type {number} */ line) =>
                (mask.data[line + left] ?? 0) * (1 - over) + (mask.data[line + right] ?? 0) * over;
            row[x] = Math.round(at(upper) * (1 - part) + at(lower) * part);
        });
        yield row;
    }
}

/**
 * Return between which two places of `less` the middle of place `at` of `more` lies.
 * @param {number} at
 * @param {number} more
 * @param {number} less
 */
function between(at, more, less) {
    const place = Math.max(0, Math.min(less - 1, ((at + 0.5) * less) / more - 0.5));
    const first = Math.floor(place);
    return { first, second: Math.min(first + 1, less - 1), part: place - first };
}

/**
 * Return how far a point is from a line between two others. Called for each point under a brush: nothing is made here.
 * @param {number} x
 * @param {number} y
 * @param {Point} from
 * @param {Point} to
 */
function distance(x, y, from, to) {
    const along = to.x - from.x;
    const down = to.y - from.y;
    const length = along * along + down * down;
    const part = length ? ((x - from.x) * along + (y - from.y) * down) / length : 0;
    const kept = Math.max(0, Math.min(1, part));
    const right = x - from.x - kept * along;
    const below = y - from.y - kept * down;
    return Math.sqrt(right * right + below * below);
}

/**
 * @param {Mask} mask
 * @param {Point} from
 * @param {Point} to
 * @param {number} radius
 * @returns {Box | null}
 */
function boxAround({ width, height }, from, to, radius) {
    const left = Math.max(0, Math.floor(Math.min(from.x, to.x) - radius - 1));
    const top = Math.max(0, Math.floor(Math.min(from.y, to.y) - radius - 1));
    const right = Math.min(width, Math.ceil(Math.max(from.x, to.x) + radius + 1));
    const bottom = Math.min(height, Math.ceil(Math.max(from.y, to.y) + radius + 1));
    return left < right && top < bottom ? { left, top, width: right - left, height: bottom - top } : null;
}
