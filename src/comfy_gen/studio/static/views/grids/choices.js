/** What the axes of a grid can be, and how quickly pictures are made now. */

import { get } from '../../core/api.js';
import { isAnyUp } from '../../core/engines.js';
import { arrangement, isOver, jobIds, jobOf } from '../../core/live.js';
import { computed } from '../../core/signals.js';
import { loaded } from '../../parts/states.js';
import { detailOf } from '../create/catalogue.js';
import { workflowFor } from '../create/order.js';
import { parametersOf } from './parameters.js';
import { meanOf } from './standing.js';

/** @typedef {import('../create/draft.js').Draft} Draft */

const PAINTERS = ['checkpoints', 'diffusion_models'];
const MOST_MODELS = 10_000;
const DAY = 1_440;

/** @param {() => Draft | null} base */
export function choices(base) {
    const workflows = loaded(
        async (until) => /** @type {Wire<'Workflows'>} */ (await get('/workflows', {}, until)).workflows,
    );
    const models = loaded(
        async (until) => /** @type {Wire<'Models'>} */ (await get('/models', { limit: MOST_MODELS }, until)).models,
    );
    const wanted = computed(() => {
        const draft = base();
        return draft ? workflowFor(draft) : '';
    });
    const name = computed(() => (workflows.data.value?.some((one) => one.name === wanted.value) ? wanted.value : ''));
    const detail = loaded(async (until) => (name.value ? await detailOf(name.value, until) : null));
    const inputs = loaded(async (until) => await inputsOf(name.value || workflows.data.value?.[0]?.name || '', until));
    const chosen = computed(() => (detail.data.value?.name === name.value ? (detail.data.value ?? null) : null));
    const schema = computed(() => /** @type {any} */ (chosen.value?.input_schema ?? null));
    const isReady = computed(
        () =>
            workflows.data.value !== undefined &&
            (!name.value || chosen.value !== null) &&
            inputs.data.value !== undefined,
    );
    const choicesOf = (/** @type {string} */ parameter) =>
        /** @type {string[]} */ (inputs.data.value?.find((one) => one.name === parameter)?.choices ?? []);
    const filesIn = (/** @type {readonly string[]} */ folders) =>
        (models.data.value ?? []).filter((one) => folders.includes(one.folder)).map((one) => one.file);
    const options = computed(() => {
        const folder = chosen.value?.models[0]?.folder;
        return {
            samplers: choicesOf('sampler'),
            schedulers: choicesOf('scheduler'),
            models: [...new Set(filesIn(folder ? [folder] : PAINTERS))],
            loras: [...new Set(filesIn(['loras']))],
        };
    });
    return {
        schema,
        options,
        isReady,
        /** The workflow that is named, and that nobody has. */
        missing: computed(() => (workflows.data.value && wanted.value && !name.value ? wanted.value : '')),
        error: computed(() => workflows.error.value ?? detail.error.value ?? inputs.error.value ?? null),
        parameters: computed(() => parametersOf(schema.value, options.value)),
    };
}

/** How quickly pictures are made, by those of the last day, and how many are before the next. */
export function pace() {
    const made = loaded(
        async (until) =>
            /** @type {Wire<'QueueHistory'>} */ (await get('/queue/history', { minutes: DAY }, until)).buckets,
    );
    const engines = loaded(async (until) => /** @type {Wire<'Engines'>} */ (await get('/engines', {}, until)).engines);
    const waiting = computed(() => {
        void arrangement.value;
        return jobIds.value.filter((id) => isBefore(jobOf(id)?.peek())).length;
    });
    return {
        now: computed(() => ({
            seconds: meanOf(made.data.value ?? []),
            engines: (engines.data.value ?? []).filter((one) => one.condition !== 'down').length,
            waiting: waiting.value,
        })),
        isIdle: computed(() => engines.data.value !== undefined && !isAnyUp(engines.data.value)),
    };
}

/** @param {{ state: string } | undefined} job */
const isBefore = (job) => job !== undefined && !isOver(job);

/**
 * @param {string} name
 * @param {AbortSignal} until
 */
async function inputsOf(name, until) {
    if (!name) return [];
    const path = `/workflows/${encodeURIComponent(name)}/inputs`;
    return /** @type {Wire<'WorkflowInputs'>} */ (await get(path, {}, until)).inputs;
}
