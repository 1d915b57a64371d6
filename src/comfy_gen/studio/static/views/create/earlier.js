/** Makes the parts of a draft of a picture that was made before. Pure. */

/** @typedef {import('./draft.js').Draft} Draft */

/**
 * Return all that a generation was made with.
 * @param {Wire<'Generation'>} generation
 * @param {{ workflows: readonly string[], isSame: boolean }} how `isSame`: with its seed, so that the same comes of it.
 * @returns {Partial<Draft>}
 */
export function draftOf(generation, { workflows, isSame }) {
    const recipe = /** @type {Record<string, any>} */ (generation.recipe ?? {});
    const isComposed = generation.categories.length > 0;
    const name = recipe.workflow || generation.workflow;
    const seed = isSame && Number.isSafeInteger(generation.seed) ? generation.seed : null;
    return {
        text: recipe.input || generation.prompt,
        without: recipe.without ?? [],
        tier: generation.tier === 'general' ? '' : generation.tier,
        negative: isComposed ? '' : generation.negative_prompt, // composed again, its categories say it again
        workflow: workflows.includes(name) ? name : '',
        model: recipe.checkpoint ?? '',
        aspect: recipe.width && recipe.height ? 'custom' : '',
        ...numbers(recipe),
        sampler: recipe.sampler ?? '',
        scheduler: recipe.scheduler ?? '',
        loras: (recipe.loras ?? []).map((/** @type {any} */ one) => ({ name: one.filename, strength: one.strength })),
        seed,
        isSeedLocked: seed !== null,
        preset: '',
        inputs: {},
    };
}

/** @param {Record<string, any>} recipe */
function numbers({ width, height, steps, cfg, denoise }) {
    const isWhole = denoise === null || denoise === undefined || denoise >= 1; // painted from nothing
    return {
        ...{ width: width ?? null, height: height ?? null, steps: steps ?? null, cfg: cfg ?? null },
        denoise: isWhole ? null : denoise,
    };
}

/**
 * Return the first picture of a generation; undefined where it has none.
 * @param {Wire<'Generation'>} generation
 */
export const firstPicture = (generation) => generation.output.find((one) => one.media_type.startsWith('image/'));
