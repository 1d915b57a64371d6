/** Where on the page belongs what the service says against a draft. Pure. */

import { PLAIN } from './order.js';

/**
 * Return what the parts of a body have to be told of: each sentence beside its field, the others by themselves.
 * @param {{ details: Record<string, any>, sentences: string[], hint: string }} problem
 * @returns {{ fields: Record<string, string>, others: string[] }}
 */
export function placed({ details, sentences, hint }) {
    const several = /** @type {any[]} */ (details.problems ?? []);
    /** @type {Record<string, string>} */
    const fields = {};
    /** @type {string[]} */
    const others = [];
    const facts = several.length
        ? several
        : [{ message: sentences[0], hint, name: details.name ?? lackingField(details) }];
    for (const said of facts) {
        const one = typeof said === 'string' ? { message: said } : said;
        const sentence = [one.message, one.hint].filter(Boolean).join('; ');
        const field = fieldOf(one);
        if (field) fields[field] = sentence;
        else others.push(sentence);
    }
    return { fields, others };
}

/** @type {Record<string, string>} */
const FIELDS = {
    ...{ prompt: 'text', input: 'text', negative_prompt: 'negative', input_image: 'inputImage', image: 'inputImage' },
    ...{ text: 'text', mask: 'mask', preset: 'preset', workflow: 'workflow', loras: 'loras', seed: 'seed' },
    ...Object.fromEntries(PLAIN.map((name) => [name, name])),
};

/**
 * Return which field names a file that no engine has; empty where it is something else that is missing.
 * @param {Record<string, any>} details
 */
function lackingField({ lacking = [] }) {
    const all = /** @type {string[]} */ (lacking);
    if (!all.length || !all.every((one) => one.includes(' lacks the file '))) return '';
    return all.every((one) => one.includes(' loras/')) ? 'loras' : 'model';
}

/** @param {{ where?: string, name?: string, message?: string, folder?: string }} fact */
function fieldOf({ where, name, message }) {
    const path = where ?? name ?? /^([\w.]+) (?:is|must) /.exec(message ?? '')?.[1] ?? '';
    const [first = '', second = ''] = path.split('.').filter((part) => part !== 'body' && part !== 'prompt_body');
    return FIELDS[first === 'inputs' ? second : first || path] ?? '';
}
