/** What there is to choose from: workflows, models, categories and presets, each asked for once and when it is needed. */

import { get } from '../../core/api.js';
import { engines, isAnyUp } from '../../core/engines.js';
import { computed } from '../../core/signals.js';
import { loaded } from '../../parts/states.js';
import { workflowFor } from './order.js';

/** @typedef {import('./draft.js').Signals} Signals */
/** @typedef {ReturnType<typeof catalogue>} Catalogue */

const PAINTERS = ['checkpoints', 'diffusion_models'];
const MOST_MODELS = 10_000;

/**
 * @param {Signals} draft
 * @param {() => import('./draft.js').Draft} written
 */
export function catalogue(draft, written) {
    const categories = loaded(async (until) => {
        const query = { policy_tier: draft.tier.value };
        return /** @type {Wire<'Categories'>} */ (await get('/categories', query, until)).categories;
    });
    const workflows = loaded(
        async (until) => /** @type {Wire<'Workflows'>} */ (await get('/workflows', {}, until)).workflows,
    );
    const isAnyoneThere = computed(() => engines.value && isAnyUp(engines.value)); // to say which models there are
    const models = loaded(async (until) => {
        if (isAnyoneThere.value === undefined) await new Promise(() => {}); // nobody knows yet
        if (!isAnyoneThere.value) return [];
        return /** @type {Wire<'Models'>} */ (await get('/models', { limit: MOST_MODELS }, until)).models;
    });
    const presets = loaded(async (until) => /** @type {Wire<'Presets'>} */ (await get('/presets', {}, until)).presets);

    const wanted = computed(() => workflowFor(written()));
    const name = computed(() => (workflows.data.value?.some((one) => one.name === wanted.value) ? wanted.value : ''));
    const detail = loaded(async (until) => (name.value ? detailOf(name.value, until) : null));
    const own = loaded(async (until) => inputsOf(name.value || workflows.data.value?.[0]?.name || '', until));

    const byId = computed(() => new Map((categories.data.value ?? []).map((one) => [one.id, one])));
    const chosen = computed(() => (detail.data.value?.name === name.value ? (detail.data.value ?? null) : null));
    return {
        ...{ categories, workflows, models, presets },
        /** The workflow that is filled in; null where the service chooses, or before it is known. */
        detail: chosen,
        schema: computed(() => /** @type {any} */ (chosen.value?.input_schema ?? null)),
        name,
        category: (/** @type {string} */ id) => byId.value.get(id),
        nameOf: (/** @type {string} */ id) => byId.value.get(id)?.display_name ?? id,
        /** The files that can be the model of the workflow. */
        painters: () => {
            const folder = chosen.value?.models[0]?.folder;
            const folders = folder ? [folder] : PAINTERS;
            return (models.data.value ?? []).filter((one) => folders.includes(one.folder)).map((one) => one.file);
        },
        /** What a size is for where nobody chose a workflow: the model that was chosen, or any. */
        candidates: () => {
            const files = (models.data.value ?? []).filter((one) => PAINTERS.includes(one.folder));
            return draft.model.value ? [draft.model.value] : files.map((one) => one.file);
        },
        loras: () => (models.data.value ?? []).filter((one) => one.folder === 'loras').map((one) => one.file),
        /**
         * What an input of the workflow may be, as the engines say.
         * @param {string} parameter
         */
        choicesOf: (parameter) =>
            /** @type {string[]} */ (own.data.value?.find((one) => one.name === parameter)?.choices ?? []),
    };
}

/**
 * @param {string} name
 * @param {AbortSignal} [until]
 * @returns {Promise<Wire<'WorkflowDetail'>>}
 */
export const detailOf = (name, until) => get(`/workflows/${encodeURIComponent(name)}`, {}, until);

/**
 * @param {string} name
 * @param {AbortSignal} until
 */
async function inputsOf(name, until) {
    if (!name) return [];
    const path = `/workflows/${encodeURIComponent(name)}/inputs`;
    return /** @type {Wire<'WorkflowInputs'>} */ (await get(path, {}, until)).inputs;
}
