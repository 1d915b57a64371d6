/**
 * Where each picture of a long list is. Pure.
 *
 * Squares follow from their number alone. Rows of whole pictures need the proportions of each, which are known block
 * by block: a block that nobody has seen yet is as high as it is likely to be, and put right once it is there.
 */

/** @typedef {{ x: number, y: number, width: number, height: number }} Box */

/**
 * @typedef {object} Layout
 * @property {number} height Of all of it.
 * @property {number} gap Between two.
 * @property {(index: number) => Box} boxOf
 * @property {(top: number, bottom: number) => readonly [first: number, end: number]} between Those that a band touches.
 */

/** @typedef {{ width: number, size: number, gap: number }} Room */

/** Pictures of a block: as many as are fetched at once. */
export const BLOCK = 100;
const NARROWEST = 0.45;
const WIDEST = 2.4;
/** A row that ends a block is at most so much higher than others; what is over is cut off. */
const HIGHEST = 1.35;
/** A block is remembered in so many ways: somebody who drags the size of pictures goes through many. */
const MOST_WAYS = 8;

/**
 * Lay out squares.
 * @param {number} count
 * @param {Room} room
 * @returns {Layout}
 */
export function squares(count, { width, size, gap }) {
    const columns = Math.max(1, Math.floor((width + gap) / (size + gap)));
    const side = (width - gap * (columns - 1)) / columns;
    const step = side + gap;
    const rows = Math.ceil(count / columns);
    const within = (/** @type {number} */ row) => Math.max(0, Math.min(rows, row)) * columns;
    return {
        gap,
        height: rows ? rows * step - gap : 0,
        boxOf: (index) => ({
            x: (index % columns) * step,
            y: Math.floor(index / columns) * step,
            width: side,
            height: side,
        }),
        between: (top, bottom) => [
            Math.min(count, within(Math.floor((top + gap) / step))),
            Math.min(count, within(Math.ceil(bottom / step))),
        ],
    };
}

/**
 * Lay out rows that are as wide as the room, of whole pictures side by side.
 * @param {number} count
 * @param {Room} room
 * @param {(block: number) => readonly number[] | undefined} ratiosOf Width by height of each picture of a block.
 * @returns {Layout}
 */
export function justified(count, room, ratiosOf) {
    const blocks = stacked(count, room, ratiosOf);
    const last = blocks.at(-1);
    return {
        gap: room.gap,
        height: last ? last.y + last.height - room.gap : 0,
        boxOf: (index) => boxIn(/** @type {Block} */ (blocks[Math.floor(index / BLOCK)]), index % BLOCK, room.gap),
        between: (top, bottom) => {
            const touched = blocks.filter((one) => one.y < bottom && one.y + one.height > top);
            const [first, end] = [touched[0], touched.at(-1)];
            return first && end ? [firstIn(first, top), endIn(end, bottom)] : [0, 0];
        },
    };
}

/**
 * Return which picture a key leads to; null where it is no such key.
 * @param {Layout} layout
 * @param {number} count
 * @param {number} index
 * @param {string} key
 * @param {number} page How high the window is.
 */
export function target(layout, count, index, key, page) {
    const { y, height } = layout.boxOf(index);
    const [above, below] = [y - layout.gap - 1, y + height + layout.gap + 1];
    /** @type {Record<string, () => number>} */
    const ways = {
        ArrowLeft: () => index - 1,
        ArrowRight: () => index + 1,
        ArrowUp: () => (above < 0 ? index : nearest(layout, index, above)),
        ArrowDown: () => (below > layout.height ? index : nearest(layout, index, below)),
        PageUp: () => nearest(layout, index, Math.max(1, y - page)),
        PageDown: () => nearest(layout, index, Math.min(layout.height - layout.gap - 2, y + page)),
        Home: () => 0,
        End: () => count - 1,
    };
    const way = ways[key];
    return way ? Math.max(0, Math.min(count - 1, way())) : null;
}

/** @typedef {{ first: number, y: number, height: number, stretch: number }} Row `y` is within the block. */
/** @typedef {{ first: number, y: number, height: number, ratios: readonly number[], rows: Row[] }} Block */

/**
 * @param {number} count
 * @param {Room} room
 * @param {(block: number) => readonly number[] | undefined} ratiosOf
 */
function stacked(count, room, ratiosOf) {
    const known = Array.from({ length: Math.ceil(count / BLOCK) }, (_, at) => ratiosOf(at));
    // Of the first that is known, and not of all: what nobody has seen yet is not to move with each that comes.
    const likely = mean(known.find((one) => one) ?? []);
    /** @type {Block[]} */
    const blocks = [];
    let y = 0;
    for (const [at, found] of known.entries()) {
        const first = at * BLOCK;
        const size = Math.min(BLOCK, count - first);
        const { ratios, rows } = blockOf(found ?? NOTHING, { size, likely, room, isLast: first + size === count });
        const end = /** @type {Row} */ (rows.at(-1));
        const height = end.y + end.height + room.gap;
        blocks.push({ first, y, height, ratios, rows });
        y += height;
    }
    return blocks;
}

/** @typedef {{ size: number, likely: number, room: Room, isLast: boolean }} Wanted */
/** @typedef {{ ratios: readonly number[], rows: Row[] }} Laid */

/** @type {readonly number[]} */
const NOTHING = [];
/** Each block is laid out once, and not again whenever another has come. */
/** @type {WeakMap<readonly number[], Map<string, Laid>>} */
const laid = new WeakMap();

/**
 * @param {readonly number[]} found
 * @param {Wanted} wanted
 * @returns {Laid}
 */
function blockOf(found, wanted) {
    const key = JSON.stringify(wanted);
    const ways = laid.get(found) ?? new Map();
    laid.set(found, ways);
    const before = ways.get(key);
    if (before) return before;
    const { size, likely, room, isLast } = wanted;
    // Where it has fewer than it should, some were deleted meanwhile: those are as likely as the rest.
    const ratios = Array.from({ length: size }, (_, place) => bounded(found[place] ?? likely));
    const made = { ratios, rows: rowsOf(ratios, room, isLast) };
    if (ways.size > MOST_WAYS) ways.clear();
    ways.set(key, made);
    return made;
}

/**
 * @param {readonly number[]} ratios
 * @param {Room} room
 * @param {boolean} isLast Whether nothing follows: its last row need not be as wide as the others.
 */
function rowsOf(ratios, { width, size, gap }, isLast) {
    /** @type {Row[]} */
    const rows = [];
    let [first, y] = [0, 0];
    while (first < ratios.length) {
        const { end, fitting } = rowFrom(ratios, first, { width, size, gap });
        const isEnd = end === ratios.length;
        const height = isEnd ? Math.min(fitting, size * (isLast ? 1 : HIGHEST)) : fitting;
        rows.push({ first, y, height, stretch: isLast ? 1 : fitting / height });
        y += height + gap;
        first = end;
    }
    return rows;
}

/**
 * Return where a row ends, and how high it is if it is as wide as the room: about as high as it is wished.
 * @param {readonly number[]} ratios
 * @param {number} first
 * @param {Room} room
 */
function rowFrom(ratios, first, { width, size, gap }) {
    let [end, sum, fitting] = [first, 0, Number.POSITIVE_INFINITY];
    while (end < ratios.length && fitting > size) {
        sum += ratios[end] ?? 1;
        const next = (width - gap * (end - first)) / sum;
        if (end > first && next < size && fitting - size < size - next) break;
        [end, fitting] = [end + 1, next];
    }
    return { end, fitting };
}

/**
 * @param {Block} block
 * @param {number} at
 * @param {number} gap
 * @returns {Box}
 */
function boxIn(block, at, gap) {
    const row = /** @type {Row} */ (block.rows.findLast((one) => one.first <= at));
    const wide = (/** @type {number} */ ratio) => ratio * row.height * row.stretch;
    const x = block.ratios.slice(row.first, at).reduce((sum, ratio) => sum + wide(ratio) + gap, 0);
    return { x, y: block.y + row.y, width: wide(block.ratios[at] ?? 1), height: row.height };
}

/**
 * @param {Block} block
 * @param {number} top
 */
function firstIn(block, top) {
    const row = block.rows.find((one) => block.y + one.y + one.height > top);
    return block.first + (row?.first ?? block.ratios.length);
}

/**
 * @param {Block} block
 * @param {number} bottom
 */
function endIn(block, bottom) {
    const after = block.rows.find((one) => block.y + one.y >= bottom);
    return block.first + (after?.first ?? block.ratios.length);
}

/**
 * Return the picture at a height that is the least to the side of another; that one where there is none.
 * @param {Layout} layout
 * @param {number} index
 * @param {number} y
 */
function nearest(layout, index, y) {
    const middle = middleOf(layout.boxOf(index));
    const [first, end] = layout.between(y, y + layout.gap + 1); // so high that it never lies between two rows
    let [best, least] = [index, Number.POSITIVE_INFINITY];
    for (let at = first; at < end; at += 1) {
        const away = Math.abs(middleOf(layout.boxOf(at)) - middle);
        if (away < least) [best, least] = [at, away];
    }
    return best;
}

/** @param {Box} box */
const middleOf = (box) => box.x + box.width / 2;

/** @param {number} ratio */
const bounded = (ratio) => Math.max(NARROWEST, Math.min(WIDEST, ratio));

/** @param {readonly number[]} numbers */
const mean = (numbers) => (numbers.length ? numbers.reduce((sum, one) => sum + one, 0) / numbers.length : 1);
