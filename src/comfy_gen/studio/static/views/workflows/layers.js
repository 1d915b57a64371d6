/** Puts things that are connected into columns, each right of those that it takes from, with few crossings. Pure. */

/**
 * What stands in a column: a node, or a place where a long link goes by.
 * @typedef {{ key: string, height: number, before: Place[], after: Place[] }} Place
 */
/** @typedef {{ from: string, to: string }} Edge */
/** @typedef {{ columns: Place[][], chains: Map<string, Place[]> }} Layers `chains` has the places that a link passes from one end to the other, by `edgeKey`. */

const SWEEPS = 12;
/** The height of a place where a link goes by. */
const PASSING = 14;

/** @param {Edge & { slot?: number }} edge */
export const edgeKey = ({ from, slot = 0, to }) => `${from}\n${slot}\n${to}`;

/**
 * @param {ReadonlyArray<{ id: string, height: number }>} nodes In an order in which each comes after those it takes from.
 * @param {ReadonlyArray<Edge & { slot?: number }>} edges
 * @returns {Layers}
 */
export function layered(nodes, edges) {
    const position = new Map(nodes.map(({ id }, at) => [id, at]));
    const forward = edges.filter(({ from, to }) => (position.get(from) ?? 0) < (position.get(to) ?? 0));
    const depths = depthsOf(nodes, forward);
    /** @type {Place[][]} */
    const columns = Array.from({ length: Math.max(-1, ...depths.values()) + 1 }, () => []);
    /** @type {Map<string, Place>} */
    const places = new Map();
    for (const { id, height } of nodes) {
        const place = { key: id, height, before: [], after: [] };
        places.set(id, place);
        columns[depths.get(id) ?? 0]?.push(place);
    }
    const chains = new Map();
    for (const edge of forward) {
        if (!chains.has(edgeKey(edge))) chains.set(edgeKey(edge), chainOf(edge, depths, places, columns));
    }
    return { columns: uncrossed(columns), chains };
}

/**
 * Return how many links cross between neighbouring columns.
 * @param {readonly Place[][]} columns
 */
export function crossings(columns) {
    return columns.slice(1).reduce((sum, column, at) => sum + crossingsBetween(columns[at] ?? [], column), 0);
}

/**
 * Return the column of each: as far left as it can be, but what takes from nobody stands beside who takes from it.
 * @param {ReadonlyArray<{ id: string }>} nodes
 * @param {readonly Edge[]} edges
 */
function depthsOf(nodes, edges) {
    /** @type {Map<string, number>} */
    const depths = new Map();
    const taken = grouped(edges, 'to');
    const given = grouped(edges, 'from');
    for (const { id } of nodes) {
        depths.set(id, Math.max(-1, ...(taken.get(id) ?? []).map(({ from }) => depths.get(from) ?? 0)) + 1);
    }
    for (const { id } of nodes) {
        const [takes, gives] = [taken.get(id) ?? [], given.get(id) ?? []];
        if (!takes.length && gives.length) depths.set(id, Math.min(...gives.map(({ to }) => depths.get(to) ?? 1)) - 1);
    }
    return depths;
}

/**
 * @param {readonly Edge[]} edges
 * @param {'from' | 'to'} end
 */
function grouped(edges, end) {
    /** @type {Map<string, Edge[]>} */
    const groups = new Map();
    for (const edge of edges) groups.set(edge[end], [...(groups.get(edge[end]) ?? []), edge]);
    return groups;
}

/**
 * Lead a link through all columns between its ends. Links of one output go the same way as far as they can.
 * @param {Edge & { slot?: number }} edge
 * @param {ReadonlyMap<string, number>} depths
 * @param {Map<string, Place>} places
 * @param {Place[][]} columns
 */
function chainOf({ from, slot = 0, to }, depths, places, columns) {
    const last = /** @type {Place} */ (places.get(to));
    const chain = [/** @type {Place} */ (places.get(from))];
    for (let depth = (depths.get(from) ?? 0) + 1; depth < (depths.get(to) ?? 0); depth += 1) {
        const key = `${from}\n${slot}\n\n${depth}`;
        let place = places.get(key);
        if (!place) {
            place = { key, height: PASSING, before: [], after: [] };
            places.set(key, place);
            columns[depth]?.push(place);
        }
        chain.push(place);
    }
    chain.push(last);
    for (const [at, place] of chain.slice(1).entries()) join(/** @type {Place} */ (chain[at]), place);
    return chain;
}

/**
 * @param {Place} left
 * @param {Place} right
 */
function join(left, right) {
    if (left.after.includes(right)) return; // another link goes that way already
    left.after.push(right);
    right.before.push(left);
}

/**
 * Sort each column by where its neighbours stand, to and fro; the best of all is kept.
 * @param {Place[][]} columns
 */
function uncrossed(columns) {
    let best = columns.map((column) => [...column]);
    let fewest = crossings(best);
    const now = columns.map((column) => [...column]);
    for (let sweep = 0; sweep < SWEEPS && fewest; sweep += 1) {
        const isRightward = sweep % 2 === 0;
        for (let step = 1; step < now.length; step += 1) {
            const at = isRightward ? step : now.length - 1 - step;
            const beside = placed(now[isRightward ? at - 1 : at + 1] ?? []);
            now[at] = byBarycentre(now[at] ?? [], isRightward ? 'before' : 'after', beside);
        }
        const count = crossings(now);
        if (count < fewest) {
            fewest = count;
            best = now.map((column) => [...column]);
        }
    }
    return best;
}

/** @param {readonly Place[]} column */
const placed = (column) => new Map(column.map((place, at) => [place, at]));

/**
 * @param {readonly Place[]} column
 * @param {'before' | 'after'} side
 * @param {ReadonlyMap<Place, number>} beside
 */
function byBarycentre(column, side, beside) {
    const centre = new Map(
        column.map((place, at) => {
            const known = place[side].map((one) => beside.get(one)).filter((one) => one !== undefined);
            return [place, known.length ? known.reduce((sum, one) => sum + one, 0) / known.length : at];
        }),
    );
    return [...column].sort((a, b) => (centre.get(a) ?? 0) - (centre.get(b) ?? 0));
}

/**
 * @param {readonly Place[]} left
 * @param {readonly Place[]} right
 */
function crossingsBetween(left, right) {
    const at = placed(right);
    const ends = left.flatMap((place) => place.after.map((one) => at.get(one) ?? 0).sort((a, b) => a - b));
    /** @type {number[]} */
    const seen = [];
    let count = 0;
    for (const end of ends) {
        const rank = rankOf(seen, end);
        count += seen.length - rank;
        seen.splice(rank, 0, end);
    }
    return count;
}

/**
 * Return how many of some sorted numbers are not larger.
 * @param {readonly number[]} sorted
 * @param {number} value
 */
function rankOf(sorted, value) {
    let [low, high] = [0, sorted.length];
    while (low < high) {
        const middle = (low + high) >> 1;
        if (/** @type {number} */ (sorted[middle]) <= value) low = middle + 1;
        else high = middle;
    }
    return low;
}
