/** Sends a draft to the service: a job for each picture. */

import { Problem, post } from '../../core/api.js';
import { say } from '../../parts/toasts.js';
import { isComposed, standsAgainst } from './answers.js';
import { detailOf } from './catalogue.js';
import {
    composeBody,
    hasVariants,
    promptBody,
    recipeBody,
    runBody,
    seedsFrom,
    takes,
    wayOf,
    workflowFor,
} from './order.js';
import { roomFor } from './reading.js';
import { problemsOf } from './schema.js';
import { lastSeed, newSeed } from './seed.js';
import { add } from './sitting.js';

/** @typedef {import('./kit.js').Kit} Kit */
/** @typedef {import('./draft.js').Draft} Draft */
/** @typedef {{ schema: any, presets: Record<string, Record<string, unknown>> }} Filled What is known of the workflow. */
/** @typedef {(seed: number) => Promise<Wire<'Result'>>} Send */

/**
 * Have the draft made. What stands against it is shown where it belongs; what was accepted before stays so.
 * @param {Kit} kit
 * @returns {Promise<boolean>} Whether all of it was accepted.
 */
export async function generate(kit) {
    kit.accept();
    const { preview } = await kit.understanding.settled();
    const draft = kit.written();
    const filled = await filledBy(kit, workflowFor(draft));
    const against = [...standsAgainst(kit), ...lacking(draft, filled.schema)];
    if (against.length) {
        kit.object(against);
        return false;
    }
    const first = draft.seed ?? newSeed();
    try {
        const send = sender(draft, filled, isComposed(preview));
        let before = '';
        for (const seed of seedsFrom(first, draft.count)) {
            const job = await send(seed);
            add({ id: job.id, title: job.title }, before);
            before = job.id;
            if (seed === first && job.notes.length) say(job.notes.join(' '));
        }
        return true;
    } catch (error) {
        if (!(error instanceof Problem) || error.status === 401) throw error;
        kit.refuse(error);
        return false;
    } finally {
        lastSeed.value = first;
    }
}

/**
 * @param {Draft} draft
 * @param {Filled} filled
 * @param {boolean} hasCategories
 * @returns {Send}
 */
function sender(draft, filled, hasCategories) {
    const { schema } = filled;
    const way = wayOf(schema, hasCategories);
    if (way === 'run') {
        const path = `/workflows/${encodeURIComponent(workflowFor(draft))}/run`;
        return (seed) => post(path, runBody(draft, seed, schema));
    }
    return way === 'recipe' ? composed(draft, filled) : (seed) => post('/generate', promptBody(draft, seed, schema));
}

/**
 * Compose once for all pictures; anew for each where the text says something else each time.
 * @param {Draft} draft
 * @param {Filled} filled
 * @returns {Send}
 */
function composed(draft, { schema, presets }) {
    /** @type {(seed: number) => Promise<{ id: string, filled: Filled }>} */
    const compose = async (seed) => {
        const body = composeBody(draft, roomFor(draft.text), schema, seed, presets[draft.preset]);
        const { recipe, recipe_id: id } = /** @type {Wire<'Composed'>} */ (await post('/compose', body));
        return { id, filled: schema ? { schema, presets } : known(await detailOf(recipe.workflow)) };
    };
    /** @type {ReturnType<typeof compose> | null} */
    let once = null;
    return async (seed) => {
        once = once && !hasVariants(draft.text) ? once : compose(seed);
        const { id, filled } = await once;
        return post('/generate', recipeBody(draft, id, seed, filled.schema, filled.presets[draft.preset]));
    };
}

/**
 * @param {Kit} kit
 * @param {string} name
 * @returns {Promise<Filled>}
 */
async function filledBy({ choices }, name) {
    if (!name) return { schema: null, presets: {} };
    const found = choices.detail.peek();
    return known(found?.name === name ? found : await detailOf(name));
}

/**
 * @param {Wire<'WorkflowDetail'>} detail
 * @returns {Filled}
 */
const known = ({ input_schema: schema, presets }) => ({ schema, presets: /** @type {any} */ (presets) });

/**
 * Return what a draft does not say and has to, in sentences.
 * @param {Draft} draft
 * @param {any} schema
 */
function lacking(draft, schema) {
    const needs = (/** @type {string} */ name) => schema?.required?.includes(name);
    const isSilent = takes(schema, 'prompt') && !draft.text.trim();
    return [
        isSilent && 'Write what the picture shows.',
        needs('image') && !draft.inputImage && 'This template starts from a picture: choose one.',
        needs('mask') && !draft.mask && 'This template needs a mask: paint one on the picture.',
        ...(schema ? problemsOf(schema, draft.inputs).map(({ title, problem }) => `${title}: ${problem}`) : []),
    ].filter((one) => typeof one === 'string');
}
