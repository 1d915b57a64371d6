/** Reads what is on record of a job into sentences and settings. Pure. */

import { capital } from '../../core/words.js';

/** @typedef {{ type: string, data: Record<string, any> }} Told */

/**
 * Say what an event was about.
 * @param {Told} told
 */
export function sentenceOf({ type, data }) {
    const sentence = { state: stateSentence, note: noteSentence, progress: progressSentence }[type];
    return [timeOf(data), capital(sentence ? sentence(data) : type)].filter(Boolean).join('  ');
}

/** @param {Record<string, any>} data */
function stateSentence(data) {
    const why = data.failure?.message ?? data.error?.message ?? data.reason ?? '';
    const where = data.engine ? ` on ${data.engine}` : '';
    return `${data.state}${where}${data.attempt > 1 ? `, attempt ${data.attempt}` : ''}${why ? `: ${why}` : ''}`;
}

/** @param {Record<string, any>} data */
const noteSentence = (data) => String(data.text ?? data.note ?? '');

/** @param {Record<string, any>} data */
function progressSentence(data) {
    const step = data.max ? `, step ${data.value} of ${data.max}` : '';
    return `${Math.round((data.progress ?? 0) * (data.progress > 1 ? 1 : 100))} %${step}${data.class_type ? ` of ${data.class_type}` : ''}`;
}

/** @param {Record<string, any>} data */
function timeOf(data) {
    return typeof data.at === 'number' ? new Date(data.at * 1000).toLocaleTimeString() : '';
}

/**
 * Return what a workflow sets, node by node: what comes from another node is left out, and nodes of which nothing else
 * is left.
 * @param {Record<string, any>} workflow In the API's format.
 * @returns {Array<{ node: string, inputs: Array<[string, string]> }>}
 */
export function literals(workflow) {
    return Object.entries(workflow)
        .map(([id, { class_type: type, inputs, _meta: meta }]) => ({
            node: [meta?.title ?? type, `(${id})`].join(' '),
            inputs: Object.entries(inputs ?? {})
                .filter(([, value]) => !isLink(value))
                .map(([name, value]) => /** @type {[string, string]} */ ([name, written(value)])),
        }))
        .filter(({ inputs }) => inputs.length);
}

/** @param {unknown} value */
const isLink = (value) => Array.isArray(value) && value.length === 2 && typeof value[1] === 'number';

/** @param {unknown} value */
const written = (value) => (typeof value === 'string' ? value : JSON.stringify(value));
