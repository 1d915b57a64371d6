/** What is told of how a picture was made, as people read it. Pure. */

import { duration, moment, size } from '../../core/words.js';

/** @typedef {Wire<'Generation'>} Generation */
/** @typedef {Wire<'Output'>} Output */
/** @typedef {readonly [name: string, text: string]} Fact */

/** Fields of recipes and of differences, by the words for them. */
/** @type {Record<string, string>} */
const WORDS = {
    cfg: 'CFG',
    checkpoint: 'Model',
    comfyui_version: 'ComfyUI',
    input: 'Text that was entered',
    loras: 'LoRAs',
    negative_prompt: 'Negative prompt',
    positive_prompt: 'Prompt',
    version: 'ComfyGen',
    workflow_digest: 'Workflow (digest)',
};

/**
 * Return the settings of a generation, those that people look for first before the others; none that says nothing.
 * @param {Generation} one
 * @param {Output | undefined} file The one that is looked at.
 * @returns {Fact[]}
 */
export function settingsOf(one, file) {
    const { recipe } = one;
    const loras = /** @type {Array<{ filename: string, strength: number }>} */ (recipe['loras'] ?? []);
    return told([
        ['Seed', one.seed],
        ['Model', recipe['checkpoint'] || filesIn(one, (folder) => folder !== 'loras')],
        ['LoRAs', loras.length ? loras.map(loraText).join(', ') : filesIn(one, (folder) => folder === 'loras')],
        ['Size', file?.width && file.height ? `${file.width} × ${file.height}` : null],
        ['Steps', recipe['steps']],
        ['CFG', recipe['cfg']],
        ['Sampler', recipe['sampler']],
        ['Scheduler', recipe['scheduler']],
        ['Denoise', recipe['denoise']],
        ['Workflow', one.workflow || 'One of their own'],
        ['Categories', one.categories.join(', ')],
    ]);
}

/**
 * Return how it went.
 * @param {Generation} one
 * @param {Output | undefined} file
 * @returns {Fact[]}
 */
export function courseOf(one, file) {
    return told([
        ['Made', moment(one.created)],
        ['Engine', [one.engine, one.comfyui_version && `ComfyUI ${one.comfyui_version}`].filter(Boolean).join(', ')],
        ['Took', timesOf(one.timings)],
        ['Judged', one.passed === null ? null : one.passed ? 'Passed' : 'Did not pass'],
        ['Like the prompt', one.score === null ? null : one.score.toFixed(2)],
        ['Takes', one.takes > 1 ? `${one.takes}, of which this is number ${one.take}` : null],
        ['File', file ? `${file.filename}, ${size(file.size)}` : null],
        ['Tier', one.tier],
        ['Repeats', one.repeats],
        ['Id', one.generation_id],
    ]);
}

/**
 * Return the differences of several generations from the first, field by field.
 * @param {ReadonlyArray<Wire<'Differences'>>} found One for each but the first.
 * @returns {Array<{ name: string, values: string[] }>}
 */
export function differencesOf(found) {
    const told = found.flatMap((one) => one.differences).filter((one) => !isOfNoMatter(one.field));
    const fields = [...new Set(told.map((one) => one.field))];
    return fields.map((field) => {
        const first = told.find((one) => one.field === field)?.before;
        const values = found.map((one) => one.differences.find((it) => it.field === field));
        return { name: nameOf(field), values: [first, ...values.map((it) => (it ? it.after : first))].map(textOf) };
    });
}

/**
 * Write the name of a field: "recipe.steps" is "Steps".
 * @param {string} field
 */
export function nameOf(field) {
    const word = field.replace(/^recipe\./, '');
    if (WORDS[word]) return WORDS[word];
    const said = word.replaceAll('_', ' ').replaceAll('.', ', ');
    return said.charAt(0).toUpperCase() + said.slice(1);
}

/**
 * Write a value of a field.
 * @param {unknown} value
 * @returns {string}
 */
export function textOf(value) {
    if (value === null || value === undefined || value === '') return '–';
    if (typeof value === 'boolean') return value ? 'yes' : 'no';
    if (Array.isArray(value)) return value.length ? value.map(textOf).join(', ') : '–';
    if (typeof value !== 'object') return String(value);
    const parts = Object.entries(value).filter(([, one]) => one !== null && one !== '');
    return parts.map(([name, one]) => `${name} ${textOf(one)}`).join(' ');
}

/**
 * @param {ReadonlyArray<readonly [string, unknown]>} facts
 * @returns {Fact[]}
 */
function told(facts) {
    const said = facts.filter(([, value]) => value !== null && value !== undefined && value !== '');
    return said.map(([name, value]) => [name, textOf(value)]);
}

/** @param {{ filename: string, strength: number }} lora */
const loraText = ({ filename, strength }) => `${filename} × ${strength}`;

/**
 * @param {Generation} one
 * @param {(folder: string) => boolean} fits
 */
const filesIn = (one, fits) =>
    one.models
        .filter(({ folder }) => fits(folder))
        .map(({ file }) => file)
        .join(', ');

/** @param {Record<string, unknown>} timings */
function timesOf(timings) {
    const stages = Object.entries(timings).filter(([, value]) => typeof value === 'number' && value >= 0.05);
    return stages.map(([name, value]) => `${nameOf(name).toLowerCase()} ${duration(Number(value))}`).join(', ');
}

/**
 * Tell whether a field says nothing to people: digests and files differ between any two.
 * @param {string} field
 */
const isOfNoMatter = (field) =>
    /^(artifacts|verdicts|workflow_digest|timings\.|recipe\.(expansions|version))/.test(field);
