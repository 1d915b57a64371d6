/** Lays a graph out: where each node stands and how large it is, and which way each link goes. Pure. */

import { edgeKey, layered } from './layers.js';

/** @typedef {import('./graph.js').Graph} Graph */
/** @typedef {import('./graph.js').GraphNode} GraphNode */
/** @typedef {import('./graph.js').Link} Link */
/** @typedef {import('./layers.js').Place} Place */

/**
 * @typedef {object} Box
 * @property {GraphNode} node
 * @property {number} x
 * @property {number} y
 * @property {number} width
 * @property {number} height
 *
 * @typedef {{ link: Link, path: string }} Way
 * @typedef {{ boxes: readonly Box[], ways: readonly Way[], width: number, height: number }} Layout
 */

export const WIDTH = 230;
/** Of a node's head, and of each line below it. */
export const [HEAD, LINE] = [44, 19];
/** So many values are drawn of a node; the side panel has all. */
export const MOST_VALUES = 7;
const [FOOT, GAP_ACROSS, GAP_DOWN, MARGIN] = [8, 90, 26, 24];
const ROUNDS = 6;

/**
 * @param {Graph} graph
 * @returns {Layout}
 */
export function layOut({ nodes, links }) {
    const sized = nodes.map((node) => ({ id: node.id, height: heightOf(node) }));
    const { columns, chains } = layered(sized, links);
    const tops = settled(columns);
    const across = new Map(
        columns.flatMap((column, at) => column.map((place) => [place, MARGIN + at * (WIDTH + GAP_ACROSS)])),
    );
    const places = new Map(columns.flat().map((place) => [place.key, place]));
    const boxes = nodes.map((node) => {
        const place = /** @type {Place} */ (places.get(node.id));
        return { node, x: across.get(place) ?? 0, y: tops.get(place) ?? 0, width: WIDTH, height: place.height };
    });
    const byId = new Map(boxes.map((box) => [box.node.id, box]));
    const ways = links.map((link) => {
        const between = (chains.get(edgeKey(link)) ?? []).slice(1, -1);
        const passed = between.map((place) => ({
            x: across.get(place) ?? 0,
            y: (tops.get(place) ?? 0) + place.height / 2,
        }));
        return { link, path: pathOf(outAt(byId, link), passed, inAt(byId, link)) };
    });
    return {
        boxes,
        ways,
        width: Math.max(0, ...boxes.map(({ x, width }) => x + width)) + MARGIN,
        height: Math.max(0, ...boxes.map(({ y, height }) => y + height)) + MARGIN,
    };
}

/** How many lines of a node's box are for its inputs and outputs that are connected. @param {GraphNode} node */
export const portLines = ({ takes, outputs }) => Math.max(takes.length, outputs.length);

/**
 * Where the middle of a line of a node's box is, below its top.
 * @param {number} line
 */
export const middleOf = (line) => HEAD + line * LINE + LINE / 2;

/** @param {GraphNode} node */
function heightOf(node) {
    const shown = Math.min(node.values.length, MOST_VALUES + 1);
    return HEAD + (portLines(node) + shown) * LINE + FOOT;
}

/**
 * @param {ReadonlyMap<string, Box>} boxes
 * @param {Link} link
 */
function outAt(boxes, { from, slot }) {
    const box = /** @type {Box} */ (boxes.get(from));
    const line = box.node.outputs.findIndex((one) => one.slot === slot);
    return { x: box.x + box.width, y: box.y + middleOf(line) };
}

/**
 * @param {ReadonlyMap<string, Box>} boxes
 * @param {Link} link
 */
function inAt(boxes, { to, input }) {
    const box = /** @type {Box} */ (boxes.get(to));
    const line = box.node.takes.findIndex((one) => one.input === input);
    return { x: box.x, y: box.y + middleOf(line) };
}

/** @typedef {{ x: number, y: number }} Point */

/**
 * Draw a link as one curve: level at its ends and wherever it goes through a column.
 * @param {Point} start
 * @param {readonly Point[]} passed Where it comes to each column between.
 * @param {Point} end
 */
export function pathOf(start, passed, end) {
    const points = [
        ...passed.flatMap(({ x, y }) => [
            { x, y },
            { x: x + WIDTH, y },
        ]),
        end,
    ];
    let path = `M${start.x} ${round(start.y)}`;
    let at = start;
    points.forEach((point, index) => {
        const isThrough = index % 2 === 1;
        path += isThrough ? `H${round(point.x)}` : curve(at, point);
        at = point;
    });
    return path;
}

/**
 * @param {Point} from
 * @param {Point} to
 */
function curve(from, to) {
    const reach = Math.max(30, Math.abs(to.x - from.x) / 2);
    return `C${round(from.x + reach)} ${round(from.y)} ${round(to.x - reach)} ${round(to.y)} ${round(to.x)} ${round(to.y)}`;
}

/** @param {number} value */
const round = (value) => Math.round(value * 10) / 10;

/**
 * Find heights at which all stand near the middle of those that they are connected to, and nothing on another.
 * @param {readonly Place[][]} columns
 */
function settled(columns) {
    /** @type {Map<Place, number>} */
    const tops = new Map();
    for (const column of columns)
        spread(
            column,
            column.map(() => 0),
            tops,
        );
    for (let round = 0; round < ROUNDS; round += 1) {
        const isRightward = round % 2 === 0;
        for (const column of isRightward ? columns : [...columns].reverse()) {
            const sides = round < ROUNDS - 2 ? (isRightward ? ['before'] : ['after']) : ['before', 'after'];
            spread(
                column,
                column.map((place) => wantedTop(place, sides, tops)),
                tops,
            );
        }
    }
    const highest = Math.min(...tops.values());
    for (const [place, top] of tops) tops.set(place, top - highest + MARGIN);
    return tops;
}

/**
 * @param {Place} place
 * @param {readonly string[]} sides
 * @param {ReadonlyMap<Place, number>} tops
 */
function wantedTop(place, sides, tops) {
    const beside = sides.flatMap((side) => (side === 'before' ? place.before : place.after));
    if (!beside.length) return tops.get(place) ?? 0;
    const sum = beside.reduce((total, one) => total + (tops.get(one) ?? 0) + one.height / 2, 0);
    return sum / beside.length - place.height / 2;
}

/**
 * Put a column as near as can be to where its places would be, in its order and with a gap between each two: what
 * would stand on another forms a block with it, which stands where the block as a whole is nearest.
 * @param {readonly Place[]} column
 * @param {readonly number[]} wanted
 * @param {Map<Place, number>} tops
 */
function spread(column, wanted, tops) {
    /** @type {Array<{ sum: number, places: Array<{ place: Place, offset: number }> }>} */
    const blocks = [];
    let offset = 0;
    column.forEach((place, at) => {
        let block = { sum: (wanted[at] ?? 0) - offset, places: [{ place, offset }] };
        for (let last = blocks.at(-1); last && meanOf(last) > meanOf(block); last = blocks.at(-1)) {
            block = { sum: last.sum + block.sum, places: [...last.places, ...block.places] };
            blocks.pop();
        }
        blocks.push(block);
        offset += place.height + GAP_DOWN;
    });
    for (const block of blocks) for (const one of block.places) tops.set(one.place, meanOf(block) + one.offset);
}

/** @param {{ sum: number, places: readonly unknown[] }} block */
const meanOf = ({ sum, places }) => sum / places.length;
