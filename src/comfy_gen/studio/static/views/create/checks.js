/** What is wrong with the numbers of a draft, before anybody is asked. Pure. */

/** @typedef {import('./draft.js').Draft} Draft */

/** @type {Record<string, { title: string, minimum: number, maximum: number, multipleOf?: number, isWhole?: boolean }>} */
const BOUNDS = {
    steps: { title: 'Steps', minimum: 1, maximum: 10_000, isWhole: true },
    cfg: { title: 'Cfg', minimum: 0, maximum: 100 },
    denoise: { title: 'Denoise', minimum: 0, maximum: 1 },
    width: { title: 'Width', minimum: 16, maximum: 16_384, multipleOf: 8, isWhole: true },
    height: { title: 'Height', minimum: 16, maximum: 16_384, multipleOf: 8, isWhole: true },
    seed: { title: 'Seed', minimum: 0, maximum: Number.MAX_SAFE_INTEGER, isWhole: true },
    count: { title: 'Pictures', minimum: 1, maximum: 64, isWhole: true },
};

/**
 * Return the bounds of a number: those of the workflow where it says any.
 * @param {string} name
 * @param {any} schema
 */
export function boundsFor(name, schema) {
    const { minimum, maximum, multipleOf } = schema?.properties?.[name] ?? {};
    const usual = /** @type {typeof BOUNDS[string]} */ (BOUNDS[name]);
    return {
        ...usual,
        minimum: Math.max(minimum ?? -Infinity, usual.minimum),
        maximum: Math.min(maximum ?? Infinity, usual.maximum),
        multipleOf: multipleOf ?? usual.multipleOf,
    };
}

/**
 * Return a sentence for each part of a draft that cannot be as it is.
 * @param {Draft} draft
 * @param {any} schema
 * @returns {Partial<Record<keyof Draft, string>>}
 */
export function wrongIn(draft, schema) {
    /** @type {Record<string, string>} */
    const found = {};
    for (const name of Object.keys(BOUNDS)) {
        const value = /** @type {any} */ (draft)[name];
        if (value === null) continue;
        const wrong = wrongNumber(value, boundsFor(name, schema));
        if (wrong) found[name] = wrong;
    }
    return found;
}

/**
 * @param {number} value
 * @param {ReturnType<typeof boundsFor>} bounds
 */
function wrongNumber(value, { minimum, maximum, multipleOf, isWhole }) {
    if (value < minimum || value > maximum) return `From ${minimum} to ${maximum}.`;
    if (multipleOf && value % multipleOf) return `A multiple of ${multipleOf}.`;
    return isWhole && !Number.isInteger(value) ? 'A whole number.' : '';
}
