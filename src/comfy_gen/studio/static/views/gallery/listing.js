/**
 * The pictures that fit, fetched page by page as they are needed.
 *
 * A list stays as it was when it was begun, however much is made meanwhile: places would move under people's hands.
 */

import { get, isCalledOff } from '../../core/api.js';
import { heed, isOver } from '../../core/live.js';
import { batch, ended, signal } from '../../core/signals.js';
import { queryOf } from './filters.js';
import { BLOCK } from './layout.js';
import { parts } from './many.js';

/** @typedef {Wire<'Tile'>} Tile */
/** @typedef {Wire<'Tiles'>} Tiles */
/** @typedef {import('./filters.js').Filters} Filters */
/** @typedef {ReturnType<typeof listing>} Listing */

/** Moments are seconds with six digits; the service leaves out what was made at the moment it is given. */
const NEXT_MOMENT = 1e-6;
const SETTLING = 400;
/** So many are fetched at once where many are wanted. */
const MOST_PAGES = 5;

/** Make a list that is empty until it is begun. */
export function listing() {
    const total = signal(/** @type {number | null} */ (null));
    const version = signal(0);
    const error = signal(/** @type {unknown} */ (null));
    const isLoading = signal(false);
    const fresh = signal(0);
    /** @type {Map<number, Tile[]>} */
    let pages = new Map();
    /** @type {Map<number, { promise: Promise<void>, stop: AbortController, isHeld: boolean }>} */
    let waiting = new Map();
    /** @type {Filters | null} */
    let filters = null;
    /** @type {number | null} */
    let frozen = null;
    let beginning = new AbortController();

    const ask = (/** @type {Record<string, any>} */ more, /** @type {AbortSignal} */ until) =>
        /** @type {Promise<Tiles>} */ (
            get('/library/tiles', { ...queryOf(/** @type {Filters} */ (filters), frozen), ...more }, until)
        );

    /** Forget what is known, and take what comes. */
    const take = (/** @type {Tiles} */ found) => {
        for (const one of waiting.values()) one.stop.abort();
        [pages, waiting] = [new Map([[0, found.tiles]]), new Map()];
        batch(() => {
            total.value = found.total;
            version.value = version.peek() + 1;
            error.value = null;
            isLoading.value = false;
        });
    };

    /**
     * Load it from its beginning; what was shown stays until that is there.
     * @param {Filters} wanted
     * @param {{ isSame?: boolean }} [how] Whether it is to be as old as it was.
     */
    const begin = async (wanted, { isSame = false } = {}) => {
        beginning.abort();
        beginning = new AbortController();
        const until = beginning.signal;
        filters = wanted;
        isLoading.value = true;
        if (!isSame) [frozen, fresh.value] = [null, 0];
        try {
            if (!isSame && wanted.order) freeze(await ask({ limit: 1, order: '' }, until));
            const found = await ask({ limit: BLOCK }, until);
            if (!isSame && !wanted.order) freeze(found);
            take(found);
        } catch (failure) {
            if (isCalledOff(failure)) return;
            batch(() => {
                error.value = failure;
                isLoading.value = false;
            });
        }
    };

    const freeze = (/** @type {Tiles} */ { tiles: [newest] }) => {
        frozen = newest ? newest.created + NEXT_MOMENT : null;
    };

    const fetchPages = (/** @type {number} */ at, pagesWanted = 1) => {
        const stop = new AbortController();
        const into = pages;
        const promise = ask({ limit: BLOCK * pagesWanted, offset: at * BLOCK }, stop.signal).then(
            ({ tiles }) => {
                if (into !== pages) return;
                for (const [by, some] of parts(tiles, BLOCK).entries()) pages.set(at + by, some);
                waiting.delete(at);
                version.value = version.peek() + 1;
            },
            (failure) => {
                if (into === pages) waiting.delete(at);
                if (!isCalledOff(failure)) throw failure;
            },
        );
        const entry = { promise, stop, isHeld: false };
        waiting.set(at, entry);
        return entry;
    };

    /**
     * Have those loaded that are between two places, and no others.
     * @param {number} first
     * @param {number} end
     */
    const need = (first, end) => {
        const wanted = pagesOf(first, end);
        for (const [at, one] of waiting) if (!one.isHeld && !wanted.includes(at)) one.stop.abort();
        for (const at of wanted) {
            if (pages.has(at) || waiting.has(at)) continue;
            fetchPages(at).promise.catch((failure) => {
                error.value = failure;
            });
        }
    };

    /**
     * Return those between two places, once they are there.
     * @param {number} first
     * @param {number} end
     * @returns {Promise<Tile[]>}
     */
    const range = async (first, end) => {
        for (const at of pagesOf(first, end)) {
            if (pages.has(at)) continue;
            const one = waiting.get(at) ?? fetchPages(at, MOST_PAGES);
            one.isHeld = true;
            await one.promise;
        }
        return Array.from({ length: end - first }, (_, by) => tileAt(first + by)).filter((one) => one !== undefined);
    };

    const tileAt = (/** @type {number} */ index) => pages.get(Math.floor(index / BLOCK))?.[index % BLOCK];

    /**
     * Change what is known of one.
     * @param {string} id
     * @param {Partial<Tile>} change
     */
    const patch = (id, change) => {
        for (const tiles of pages.values()) {
            const at = tiles.findIndex((one) => one.id === id);
            if (at >= 0) tiles[at] = { .../** @type {Tile} */ (tiles[at]), ...change };
        }
        version.value = version.peek() + 1;
    };

    /** @param {string} id */
    const placeOf = (id) => {
        for (const [page, tiles] of pages) {
            const at = tiles.findIndex((one) => one.id === id);
            if (at >= 0) return page * BLOCK + at;
        }
        return -1;
    };

    /** Count what fits and was made since. */
    const countFresh = async () => {
        if (!filters) return;
        const query = { ...queryOf(filters), limit: 1, ...(frozen !== null && { since: frozen }) };
        const found = /** @type {Tiles} */ (await get('/library/tiles', query));
        fresh.value = found.total;
    };

    watchEnds(() => {
        if (total.peek() === 0) begin(/** @type {Filters} */ (filters));
        else countFresh().catch(() => {}); // whoever scrolls will be told of what is wrong
    });
    ended(() => {
        beginning.abort();
        for (const one of waiting.values()) one.stop.abort();
    });

    return {
        /** How many there are; null before that is known. */
        total,
        /** Changes whenever what is known of any has. */
        version,
        error,
        isLoading,
        /** How many fit that were made after it was begun. */
        fresh,
        begin,
        need,
        range,
        tileAt,
        patch,
        placeOf,
        ratiosOf: (/** @type {number} */ block) => {
            const tiles = pages.get(block);
            return tiles && ratiosIn(tiles);
        },
    };
}

/**
 * Call somebody a while after jobs have ended with pictures, once for many.
 * @param {() => void} told
 */
function watchEnds(told) {
    /** @type {Set<string>} */
    const known = new Set();
    let timer = 0;
    ended(
        heed((job) => {
            if (!isOver(job) || !job.output.length || known.has(job.id)) return;
            known.add(job.id);
            clearTimeout(timer);
            timer = setTimeout(told, SETTLING);
        }),
    );
    ended(() => clearTimeout(timer));
}

/**
 * @param {number} first
 * @param {number} end
 */
function pagesOf(first, end) {
    const [from, to] = [Math.floor(first / BLOCK), Math.ceil(end / BLOCK)];
    return Array.from({ length: Math.max(0, to - from) }, (_, by) => from + by);
}

/** @type {WeakMap<readonly Tile[], readonly number[]>} */
const ratios = new WeakMap();

/**
 * Return the proportions of a page's pictures, the same list each time: whoever works with it can tell.
 * @param {readonly Tile[]} tiles
 */
function ratiosIn(tiles) {
    const found = ratios.get(tiles) ?? tiles.map(ratioOf);
    ratios.set(tiles, found);
    return found;
}

/** @param {Tile} tile */
const ratioOf = ({ width, height }) => (width && height ? width / height : 1);
