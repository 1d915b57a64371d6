/** Which pictures are shown: as the address says it, as the service is asked for it, and as people read it. Pure. */

/** @typedef {'text' | 'category' | 'model' | 'workflow' | 'tag' | 'rating' | 'since' | 'until' | 'passed' | 'favorites' | 'order'} FilterName */
/** @typedef {Readonly<Record<FilterName, string>>} Filters What is empty is not asked for. */
/** @typedef {import('../../core/api.js').Query} Query */

/** @type {Filters} */
export const ALL = {
    text: '',
    category: '',
    model: '',
    workflow: '',
    tag: '',
    rating: '',
    since: '',
    until: '',
    passed: '',
    favorites: '',
    order: '',
};

export const ORDERS = /** @type {const} */ ([
    ['', 'Newest first'],
    ['oldest', 'Oldest first'],
    ['rating', 'Best rated first'],
    ['score', 'Closest to the prompt first'],
]);

const NAMES = /** @type {FilterName[]} */ (Object.keys(ALL));
const DAY = /^\d{4}-\d{2}-\d{2}$/;

/** What each may be; anything else in an address is as if it were not there. */
/** @type {Record<FilterName, (value: string) => boolean>} */
const ALLOWED = {
    text: (value) => value.length <= 200,
    category: (value) => value.length <= 100,
    model: (value) => value.length <= 255,
    workflow: (value) => value.length <= 255,
    tag: (value) => value.length <= 64,
    rating: (value) => /^[1-5]$/.test(value),
    since: isDay,
    until: isDay,
    passed: (value) => value === 'true' || value === 'false',
    favorites: (value) => value === 'true',
    order: (value) => ORDERS.some(([name]) => name === value),
};

/**
 * Return what an address asks for.
 * @param {URLSearchParams} query
 * @returns {Filters}
 */
export function readFilters(query) {
    const said = NAMES.map((name) => {
        const value = query.get(name) ?? '';
        return [name, value && ALLOWED[name](value) ? value : ''];
    });
    return Object.fromEntries(said);
}

/**
 * Return the part of an address that asks for this.
 * @param {Filters} filters
 * @returns {Record<string, string>}
 */
export function wordsOf(filters) {
    return Object.fromEntries(NAMES.filter((name) => filters[name]).map((name) => [name, filters[name]]));
}

/**
 * Return what the service is asked.
 * @param {Filters} filters
 * @param {number | null} frozen Nothing that was made at this moment or later; null for all that there is.
 * @returns {Query}
 */
export function queryOf(filters, frozen = null) {
    const { rating, since, until, ...same } = filters;
    const ends = [until && startOf(until, 1), frozen].filter((one) => typeof one === 'number');
    return {
        ...same,
        min_rating: rating,
        since: since && startOf(since),
        until: ends.length ? Math.min(.../** @type {number[]} */ (ends)) : '',
    };
}

/**
 * Return what narrows the list down, as people read it.
 * @param {Filters} filters
 * @returns {Array<{ name: FilterName, label: string }>}
 */
export function chipsOf(filters) {
    const { rating, passed } = filters;
    /** @type {Array<[FilterName, string]>} */
    const said = [
        ['text', `“${filters.text}”`],
        ['category', `Category: ${filters.category}`],
        ['model', `Model: ${filters.model}`],
        ['workflow', `Workflow: ${filters.workflow}`],
        ['tag', `Tag: ${filters.tag}`],
        ['rating', rating === '5' ? '5 stars' : `${rating} stars or more`],
        ['since', `From ${filters.since}`],
        ['until', `Until ${filters.until}`],
        ['passed', passed === 'true' ? 'Passed' : 'Did not pass'],
        ['favorites', 'Favourites'],
    ];
    return said.filter(([name]) => filters[name]).map(([name, label]) => ({ name, label }));
}

/** @param {Filters} filters */
export const isNarrowed = (filters) => chipsOf(filters).length > 0;

/**
 * Tell whether two ask for the same.
 * @param {Filters} one
 * @param {Filters} other
 */
export const isSame = (one, other) => NAMES.every((name) => one[name] === other[name]);

/** @param {string} value */
function isDay(value) {
    return DAY.test(value) && Number.isFinite(startOf(value));
}

/**
 * @param {string} day
 * @param {number} [later] So many days after it.
 */
function startOf(day, later = 0) {
    const [year = 0, month = 1, date = 1] = day.split('-').map(Number);
    return new Date(year, month - 1, date + later).getTime() / 1000;
}
