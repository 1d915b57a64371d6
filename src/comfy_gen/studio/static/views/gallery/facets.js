/** What the pictures can be told apart by, with how many there are of each: for filters and for suggestions. */

import { get } from '../../core/api.js';
import { signal } from '../../core/signals.js';

/** @typedef {Wire<'Facets'>} Facets */
/** @typedef {{ name: string, count: number }} Facet */

/** @type {Facets} */
const NONE = { total: 0, favorites: 0, categories: [], models: [], tags: [], workflows: [] };

/** What was told last. */
export const facets = signal(NONE);

/** Ask for them anew. */
export async function loadFacets() {
    facets.value = /** @type {Facets} */ (await get('/library/facets'));
}

/**
 * Return some as choices of a field that is searched.
 * @param {readonly Facet[]} some
 */
export const choicesOf = (some) => some.map(({ name, count }) => ({ value: name, label: name, detail: String(count) }));
