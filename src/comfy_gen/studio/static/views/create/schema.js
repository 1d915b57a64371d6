/** Reads the JSON Schema of a workflow's inputs: which fields a person is shown, and what may stand in them. Pure. */

/**
 * @typedef {'text' | 'number' | 'integer' | 'toggle' | 'choice' | 'picture'} Kind
 *
 * @typedef {object} Field
 * @property {string} name
 * @property {string} title
 * @property {string} description
 * @property {Kind} kind
 * @property {string} group Under which heading it stands.
 * @property {boolean} isRequired
 * @property {unknown} usual What it is where nobody says anything; undefined where the schema does not tell.
 * @property {ReadonlyArray<string | number>} choices Empty where it is not one of some.
 * @property {number | null} least
 * @property {number | null} most
 * @property {number | null} step A value is a multiple of it.
 * @property {boolean} isAbove Whether the least is not allowed itself.
 * @property {boolean} isBelow Whether the most is not.
 * @property {number} shortest Of a text.
 * @property {number | null} longest
 * @property {string} pattern
 */

/** What Create asks for by itself: the names that the body of a request has for it, or that the templates have. */
export const QUICK = new Set([
    ...['prompt', 'negative_prompt', 'model', 'steps', 'cfg', 'seed', 'width', 'height', 'sampler', 'scheduler'],
    ...['denoise', 'loras', 'image', 'mask'],
]);

const GROUPS = ['Pictures', 'Models', 'Text', 'Settings', 'Switches'];
const MODELS = /(^|_)(model|checkpoint|lora|vae|clip|unet|controlnet|encoder)(_name)?(_\d+)?$/;

/**
 * Return the fields of a schema, grouped: those of one group stand together.
 * @param {any} schema
 * @param {ReadonlySet<string>} [without] Names that are asked for elsewhere.
 * @returns {Field[]}
 */
export function fieldsOf(schema, without = QUICK) {
    const needed = new Set(schema?.required ?? []);
    const found = Object.entries(schema?.properties ?? {})
        .filter(([name]) => !without.has(name))
        .map(([name, said]) => fieldOf(name, /** @type {any} */ (said), needed.has(name)));
    return GROUPS.flatMap((group) => found.filter((field) => field.group === group));
}

/**
 * Return what is wrong with a value, as a sentence; empty where nothing is.
 * @param {Field} field
 * @param {unknown} value Undefined where nothing was said.
 */
export function problemOf(field, value) {
    if (value === undefined) return field.isRequired ? 'This one is needed.' : '';
    if (field.choices.length)
        return field.choices.includes(/** @type {any} */ (value)) ? '' : 'Choose one of the list.';
    if (field.kind === 'toggle') return typeof value === 'boolean' ? '' : 'This is on or off.';
    if (field.kind === 'number' || field.kind === 'integer') return wrongNumber(field, value);
    return wrongText(field, value);
}

/**
 * Return what stands against the values that were given, by the names that the schema has.
 * @param {any} schema
 * @param {Record<string, unknown>} inputs
 * @param {ReadonlySet<string>} [without]
 * @returns {Array<{ name: string, title: string, problem: string }>}
 */
export function problemsOf(schema, inputs, without = QUICK) {
    return fieldsOf(schema, without)
        .map((field) => ({ name: field.name, title: field.title, problem: problemOf(field, inputs[field.name]) }))
        .filter(({ problem }) => problem);
}

/**
 * Return what of these values a workflow has a place for: the rest was meant for another one.
 * @param {any} schema
 * @param {Record<string, unknown>} inputs
 * @returns {Record<string, unknown>}
 */
export function fitting(schema, inputs) {
    const there = schema?.properties ?? {};
    return Object.fromEntries(Object.entries(inputs).filter(([name]) => Object.hasOwn(there, name)));
}

/**
 * Return the fields whose names or descriptions have all words of a text.
 * @param {readonly Field[]} fields
 * @param {string} text
 */
export function searched(fields, text) {
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    return fields.filter(({ name, title, description }) => {
        const said = `${name} ${title} ${description}`.toLowerCase();
        return words.every((word) => said.includes(word));
    });
}

/**
 * Say in a few words what may be entered: "0 to 64", "at least 1", "a multiple of 8".
 * @param {Field} field
 */
export function limitsOf({ least, most, step, kind }) {
    const between =
        least !== null && most !== null && most < 1e15
            ? `${least} to ${most}`
            : least !== null
              ? `at least ${least}`
              : most !== null
                ? `at most ${most}`
                : '';
    const stepped = step !== null && !(kind === 'integer' && step === 1) ? `a multiple of ${step}` : '';
    return [between, stepped].filter(Boolean).join(', ');
}

/**
 * @param {string} name
 * @param {any} said
 * @param {boolean} isRequired
 * @returns {Field}
 */
function fieldOf(name, said, isRequired) {
    const kind = kindOf(said);
    return {
        name,
        title: said.title ?? wordsOf(name),
        description: said.description ?? '',
        kind,
        group: groupOf(name, kind),
        isRequired,
        usual: said.default,
        choices: choicesOf(said),
        least: said.minimum ?? said.exclusiveMinimum ?? null,
        most: said.maximum ?? said.exclusiveMaximum ?? null,
        step: said.multipleOf ?? null,
        isAbove: said.minimum === undefined && said.exclusiveMinimum !== undefined,
        isBelow: said.maximum === undefined && said.exclusiveMaximum !== undefined,
        shortest: said.minLength ?? 0,
        longest: said.maxLength ?? null,
        pattern: said.pattern ?? '',
    };
}

/** @param {string} name */
function wordsOf(name) {
    const text = name.replaceAll('_', ' ').trim();
    return text.charAt(0).toUpperCase() + text.slice(1);
}

/**
 * @param {any} said
 * @returns {Kind}
 */
function kindOf(said) {
    const types = [said.type].flat();
    if (said.format === 'image') return 'picture';
    if (choicesOf(said).length) return 'choice';
    if (types.includes('boolean')) return 'toggle';
    if (types.includes('integer')) return 'integer';
    return types.includes('number') ? 'number' : 'text';
}

/**
 * @param {any} said
 * @returns {Array<string | number>}
 */
function choicesOf(said) {
    if (Array.isArray(said.enum)) return said.enum;
    const constants = (said.oneOf ?? said.anyOf ?? []).map((/** @type {any} */ one) => one?.const);
    return constants.length && constants.every((/** @type {unknown} */ one) => one !== undefined) ? constants : [];
}

/**
 * @param {string} name
 * @param {Kind} kind
 */
function groupOf(name, kind) {
    if (kind === 'picture') return 'Pictures';
    if (kind === 'toggle') return 'Switches';
    if (MODELS.test(name) && (kind === 'text' || kind === 'choice')) return 'Models';
    return kind === 'text' ? 'Text' : 'Settings';
}

/**
 * @param {Field} field
 * @param {unknown} value
 */
function wrongNumber({ kind, least, most, step, isAbove, isBelow }, value) {
    if (typeof value !== 'number' || !Number.isFinite(value)) return 'Enter a number.';
    if (kind === 'integer' && !Number.isInteger(value)) return 'Enter a whole number.';
    if (least !== null && value < least) return `${least} is the least.`;
    if (most !== null && value > most) return `${most} is the most.`;
    if (isAbove && value === least) return `It must be more than ${least}.`;
    if (isBelow && value === most) return `It must be less than ${most}.`;
    return step !== null && !isMultiple(value, step) ? `It must be a multiple of ${step}.` : '';
}

/**
 * Tell it of decimal fractions too, of which a computer has only neighbours: 0.3 is a multiple of 0.1.
 * @param {number} value
 * @param {number} step
 */
function isMultiple(value, step) {
    const times = value / step;
    return Math.abs(times - Math.round(times)) < 1e-9 * Math.max(1, Math.abs(times));
}

/**
 * @param {Field} field
 * @param {unknown} value
 */
function wrongText({ shortest, longest, pattern }, value) {
    if (typeof value !== 'string') return 'Enter a text.';
    const length = [...value].length;
    if (length < shortest) return shortest === 1 ? 'This must not be empty.' : `At least ${shortest} characters.`;
    if (longest !== null && length > longest) return `At most ${longest} characters.`;
    return pattern && !matches(pattern, value) ? `It must match ${pattern}` : '';
}

/**
 * @param {string} pattern
 * @param {string} value
 */
function matches(pattern, value) {
    try {
        return new RegExp(pattern, 'u').test(value);
    } catch {
        return true; // one that is only of another language: the service will look
    }
}
