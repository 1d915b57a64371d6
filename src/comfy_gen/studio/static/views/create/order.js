/** What is sent to the service for a draft. Pure. */

/** @typedef {import('./draft.js').Draft} Draft */
/** @typedef {Record<string, any>} Body */
/**
 * Where a draft goes: as a prompt, as a recipe that is composed first, or as a run of a workflow that takes no prompt.
 * @typedef {'prompt' | 'recipe' | 'run'} Way
 */

/** The workflows that are taken for a picture to start from where nobody chose one. */
const FROM_PICTURE = 'sd15-img2img';
const WITH_MASK = 'sd15-inpaint';
/** What a draft and the bodies of requests call alike. */
export const PLAIN = /** @type {const} */ ([
    'model',
    'steps',
    'cfg',
    'width',
    'height',
    'sampler',
    'scheduler',
    'denoise',
]);
const VARIANTS = /\{[^{}]*\|[^{}]*\}|__[^\s_](?:[^\n]*?[^\s_])?__/;
const TITLE = 80;
const SEEDS = 2 ** 53;

/**
 * Return the name of the workflow that a draft is for; empty where the service is to choose.
 * @param {Draft} draft
 */
export function workflowFor({ workflow, inputImage, mask }) {
    if (workflow || !inputImage) return workflow;
    return mask ? WITH_MASK : FROM_PICTURE;
}

/**
 * @param {any} schema Of the workflow; null where the service is to choose.
 * @param {boolean} hasCategories
 * @returns {Way}
 */
export function wayOf(schema, hasCategories) {
    if (schema && !takes(schema, 'prompt')) return 'run';
    return hasCategories ? 'recipe' : 'prompt';
}

/**
 * Tell whether a workflow can be told something; one that is not known yet may be.
 * @param {any} schema
 * @param {string} name
 */
export const takes = (schema, name) => !schema || name in (schema.properties ?? {});

/**
 * Tell whether a text says something else each time: it has to be read anew for each picture.
 * @param {string} text
 */
export const hasVariants = (text) => VARIANTS.test(text);

/**
 * Return the body of `POST /generate` without a recipe.
 * @param {Draft} draft
 * @param {number} seed
 * @param {any} schema
 * @returns {Body}
 */
export function promptBody(draft, seed, schema) {
    return said({
        prompt: draft.text,
        ...values(draft, schema),
        preset: draft.preset,
        seed,
        ...beside(draft, schema),
        ...aboutJob(draft),
    });
}

/**
 * Return the body of `POST /compose` that only makes a recipe.
 * @param {Draft} draft
 * @param {number} room How many categories it may use.
 * @param {any} schema
 * @param {number | null} [seed] Where the text has variants, which of them are chosen depends on it.
 * @param {Record<string, unknown>} [preset] What a preset of the workflow says.
 * @returns {Body}
 */
export function composeBody(draft, room, schema, seed = null, preset = {}) {
    return said({
        input: draft.text,
        dry_run: true,
        max_categories: room,
        without: draft.without,
        policy_tier: draft.tier,
        ...unsaidOf(preset, draft),
        ...(isOfPicture(schema) ? asOfText(draft, schema) : values(draft, schema)),
        seed,
    });
}

/**
 * Return the body of `POST /generate` for a recipe that says all the rest.
 * @param {Draft} draft
 * @param {string} recipeId
 * @param {number} seed
 * @param {any} schema Of the recipe's workflow.
 * @param {Record<string, unknown>} preset What a preset of that workflow says.
 * @returns {Body}
 */
export function recipeBody(draft, recipeId, seed, schema, preset = {}) {
    return said({
        recipe_id: recipeId,
        ...unsaidOf(preset, draft),
        ...(isOfPicture(schema) ? ofPicture(draft, schema) : {}),
        seed,
        ...beside(draft, schema),
        ...aboutJob(draft),
    });
}

/**
 * Return the body of `POST /workflows/{name}/run`.
 * @param {Draft} draft
 * @param {number} seed
 * @param {any} schema
 * @returns {Body}
 */
export function runBody(draft, seed, schema) {
    const own = {
        ...Object.fromEntries(PLAIN.map((name) => [name, draft[name]])),
        ...{ negative_prompt: draft.negative, seed, image: draft.inputImage?.name, mask: draft.mask?.name },
    };
    const taken = Object.entries(own).filter(([name]) => takes(schema, name));
    const inputs = said({ ...Object.fromEntries(taken), ...draft.inputs });
    return said({ inputs, preset: draft.preset, ...aboutJob(draft) });
}

/**
 * Return the seeds of so many pictures: they count up from the first.
 * @param {number} first
 * @param {number} count
 */
export const seedsFrom = (first, count) => Array.from({ length: count }, (_, at) => (first + at) % SEEDS);

/**
 * Return what is kept of a draft under the name of a preset.
 * @param {Draft} draft
 * @param {readonly string[]} categories Those that the text names.
 */
export function presetOf(draft, categories = []) {
    const { workflow, negative, seed, loras } = draft;
    return said({ workflow, ...plain(draft), negative_prompt: negative, seed, loras, categories: [...categories] });
}

/**
 * Return the parts of a draft that a preset sets.
 * @param {Record<string, any>} kept
 * @returns {Partial<Draft>}
 */
export function partsOf({ negative_prompt: negative, loras, seed, categories, ...rest }) {
    void categories; // they go into the text
    const known = Object.entries(rest).filter(([name]) => name === 'workflow' || PLAIN.some((one) => one === name));
    return /** @type {Partial<Draft>} */ ({
        ...Object.fromEntries(known),
        ...(rest.width && rest.height ? { aspect: 'custom' } : {}),
        ...(negative === undefined ? {} : { negative }),
        ...(seed === undefined ? {} : { seed, isSeedLocked: seed !== null }),
        ...(loras
            ? { loras: loras.map((/** @type {any} */ one) => ({ name: one.name, strength: one.strength ?? 1 })) }
            : {}),
    });
}

/**
 * @param {Draft} draft
 * @param {any} schema
 */
function values(draft, schema) {
    const taken = Object.entries(plain(draft)).filter(([name]) => name === 'model' || takes(schema, name));
    return said({
        workflow: workflowFor(draft),
        ...Object.fromEntries(taken),
        negative_prompt: draft.negative,
        loras: draft.loras,
    });
}

/**
 * Tell whether a workflow starts from a picture. Recipes are composed for workflows of a text alone: such a one is
 * named with the job, and its model beforehand, so that the LoRAs are for that.
 * @param {any} schema
 */
const isOfPicture = (schema) => Boolean(schema) && (takes(schema, 'image') || takes(schema, 'mask'));

/**
 * @param {Draft} draft
 * @param {any} schema
 */
const asOfText = (draft, schema) => ({
    ...{ model: draft.model || usual(schema, 'model'), steps: draft.steps, cfg: draft.cfg, loras: draft.loras },
    ...{ sampler: draft.sampler, scheduler: draft.scheduler, negative_prompt: draft.negative, denoise: null },
});

/**
 * @param {Draft} draft
 * @param {any} schema
 */
const ofPicture = (draft, schema) => ({
    workflow: workflowFor(draft),
    denoise: takes(schema, 'denoise') ? draft.denoise : null,
    ...Object.fromEntries(
        /** @type {const} */ (['model', 'width', 'height']).map((name) => [name, draft[name] || usual(schema, name)]),
    ),
});

/**
 * @param {any} schema
 * @param {string} name
 */
const usual = (schema, name) => schema.properties?.[name]?.default;

/**
 * Return what a preset says that the draft does not.
 * @param {Record<string, unknown>} preset
 * @param {Draft} draft
 */
function unsaidOf(preset, draft) {
    const own = /** @type {Record<string, unknown>} */ (plain(draft));
    return Object.fromEntries(Object.entries(preset).filter(([name]) => name in own && isUnsaid(own[name])));
}

/** @param {Draft} draft */
const plain = (draft) => Object.fromEntries(PLAIN.map((name) => [name, draft[name]]));

/**
 * @param {Draft} draft
 * @param {any} schema
 */
function beside(draft, schema) {
    const mask = draft.mask && schema && takes(schema, 'mask') ? { mask: draft.mask.name } : {};
    return { input_image: draft.inputImage?.name, inputs: said({ ...draft.inputs, ...mask }) };
}

/** @param {Draft} draft */
function aboutJob(draft) {
    const title = [...draft.text.trim().replace(/\s+/g, ' ')].slice(0, TITLE).join('');
    return { ...draft.quality, policy_tier: draft.tier, title, metadata: { studio: { view: 'create' } } };
}

/** @param {unknown} value */
const isUnsaid = (value) =>
    value === null ||
    value === undefined ||
    value === '' ||
    (Array.isArray(value) && !value.length) ||
    (typeof value === 'object' && !Object.keys(value).length);

/**
 * @param {Body} body
 * @returns {Body} Without what says nothing; a prompt may be empty.
 */
function said(body) {
    return Object.fromEntries(Object.entries(body).filter(([name, value]) => name === 'prompt' || !isUnsaid(value)));
}
