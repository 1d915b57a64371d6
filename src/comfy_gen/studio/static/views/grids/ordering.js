/** Asks the service for the picture of a cell, in the way that Create asks for one. */

import { Problem, post } from '../../core/api.js';
import { detailOf } from '../create/catalogue.js';
import { composeBody, hasVariants, promptBody, recipeBody, runBody, wayOf, workflowFor } from '../create/order.js';
import { roomFor, violationSentence } from '../create/reading.js';
import { jobIdOf } from './identity.js';
import { draftAt } from './plan.js';

/** @typedef {import('../create/draft.js').Draft} Draft */
/** @typedef {import('./kept.js').Grid} Grid */
/** @typedef {import('./plan.js').Cell} Cell */
/** @typedef {{ schema: any, presets: Record<string, any> }} Filled */

/** Longer texts are no prompts that categories could be found in. */
const LONGEST = 10_000;
/** @type {Filled} */
const UNKNOWN = { schema: null, presets: {} };

/**
 * Return what asks for a cell of a grid. What several cells have in common is asked once.
 * @param {Grid} grid
 */
export function ordering(grid) {
    const known = once(async (/** @type {string} */ name) => (name ? filledBy(await detailOf(name)) : UNKNOWN));
    const previewed = once(async (/** @type {string} */ body) => previewOf(JSON.parse(body)));
    const composed = once(async (/** @type {string} */ body) => {
        const { recipe, recipe_id: id } = /** @type {Wire<'Composed'>} */ (await post('/compose', JSON.parse(body)));
        return { id, workflow: recipe.workflow };
    });

    return async (/** @type {Cell} */ cell) => {
        const draft = draftAt(grid.base, grid.axes, cell);
        const seed = draft.seed ?? 0;
        const name = workflowFor(draft);
        const filled = await known(name);
        const isText = draft.text.trim() && draft.text.length <= LONGEST;
        const hasCategories = isText ? await previewed(JSON.stringify(previewBody(draft))) : false;
        const way = wayOf(filled.schema, hasCategories);
        const about = aboutCell(grid, cell);
        if (way === 'run') {
            const path = `/workflows/${encodeURIComponent(name)}/run`;
            return post(path, { ...runBody(draft, seed, filled.schema), ...about });
        }
        if (way === 'prompt') return post('/generate', { ...promptBody(draft, seed, filled.schema), ...about });
        const preset = filled.presets[draft.preset];
        const said = hasVariants(draft.text) ? seed : null;
        const body = composeBody(draft, roomFor(draft.text), filled.schema, said, preset);
        const { id, workflow } = await composed(JSON.stringify(body));
        const { schema, presets } = filled.schema ? filled : await known(workflow);
        return post('/generate', { ...recipeBody(draft, id, seed, schema, presets[draft.preset]), ...about });
    };
}

/**
 * @param {Grid} grid
 * @param {Cell} cell
 */
function aboutCell(grid, { index, x, y, z }) {
    return {
        request_id: jobIdOf(grid.id, index),
        metadata: { studio: { view: 'grids', grid: grid.id, x, y, z } },
    };
}

/** @param {Draft} draft */
function previewBody({ text, without, tier }) {
    return { input: text, max_categories: roomFor(text), without, ...(tier && { policy_tier: tier }) };
}

/**
 * Return whether categories make a recipe of a text.
 * @param {unknown} body
 * @throws {Problem} It names what there is not, or may not be.
 */
async function previewOf(body) {
    const preview = /** @type {Wire<'Preview'>} */ (await post('/compose/preview', body));
    const problems = [
        ...Object.keys(preview.unknown_tags ?? {}).map((tag) => `There is no category @${tag}.`),
        ...(preview.policy_violations ?? []).map(violationSentence),
    ];
    if (problems.length) throw new Problem({ code: 'prompt', message: problems.join(' '), details: { problems } }, 422);
    return preview.categories.length > 0;
}

/**
 * @param {Wire<'WorkflowDetail'>} detail
 * @returns {Filled}
 */
const filledBy = ({ input_schema: schema, presets }) => ({ schema, presets: /** @type {any} */ (presets) });

/**
 * Have something done once for each key; what failed is tried again the next time.
 * @template T
 * @param {(key: string) => Promise<T>} work
 * @returns {(key: string) => Promise<T>}
 */
function once(work) {
    /** @type {Map<string, Promise<T>>} */
    const known = new Map();
    return (key) => {
        const found = known.get(key) ?? work(key);
        known.set(key, found);
        found.catch(() => known.delete(key));
        return found;
    };
}
