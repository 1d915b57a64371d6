/** Tries a workflow: its inputs as a form, a run of it, and what came of that. */

import { Problem, post } from '../../core/api.js';
import { h } from '../../core/dom.js';
import { keptSignal } from '../../core/kept.js';
import { may } from '../../core/session.js';
import { computed, signal } from '../../core/signals.js';
import { button } from '../../parts/buttons.js';
import { parameters } from '../create/parameters.js';
import { fieldsOf, fitting, problemsOf } from '../create/schema.js';
import { outcome } from './outcome.js';
import { titleOf } from './searching.js';

/** LoRAs are more than one field; Create has them. */
const WITHOUT = new Set(['loras']);
const LONGEST = 80;

/** @typedef {{ inputs: Record<string, unknown>, job: string }} Tried */
const tried = keptSignal('workflows:tried', /** @type {Record<string, Tried>} */ ({}));

/**
 * @param {string} path
 * @param {import('./one.js').DetailSignal} detail
 */
export function trying(path, detail) {
    const { name } = detail.peek();
    const schema = computed(() => detail.value.input_schema);
    const inputs = boundTo(name, 'inputs', {});
    const job = boundTo(name, 'job', '');
    const said = signal(/** @type {{ sentences: string[], hint: string }} */ ({ sentences: [], hint: '' }));
    const run = async () => {
        const given = fitting(schema.peek(), inputs.value);
        const wrong = problemsOf(schema.peek(), given, WITHOUT);
        said.value = { sentences: wrong.map((one) => `${one.title}: ${one.problem}`), hint: '' };
        if (wrong.length) return;
        try {
            job.value = (await post(`${path}/run`, bodyOf(given, detail.peek()))).id;
        } catch (error) {
            if (!(error instanceof Problem)) throw error;
            said.value = { sentences: error.sentences, hint: error.hint };
        }
    };
    return h(
        'div',
        { class: 'workflow-try' },
        h(
            'section',
            { class: 'card stack', 'aria-label': 'Its inputs' },
            h('h2', null, 'Its inputs'),
            () =>
                fieldsOf(schema.value, WITHOUT).length
                    ? parameters(() => schema.value, { inputs }, WITHOUT)
                    : h('p', { class: 'dim' }, 'It has no inputs: it runs as it is. Name some under Inputs.'),
            h('div', { role: 'alert' }, () => [
                said.value.sentences.map((one) => h('p', { class: 'bad' }, one)),
                said.value.hint ? h('p', { class: 'dim' }, said.value.hint) : null,
            ]),
            h(
                'div',
                { class: 'row' },
                may('generate')
                    ? button({ label: 'Run it', icon: 'play', kind: 'main', onclick: run })
                    : h('p', { class: 'dim' }, 'Your key may look, but not run anything.'),
            ),
        ),
        h('section', { class: 'card stack workflow-outcome', 'aria-label': 'What came of it' }, () =>
            outcome(job.value, run),
        ),
    );
}

/**
 * A part of what was tried with a workflow, kept by the browser.
 * @template {keyof Tried} Part
 * @param {string} name
 * @param {Part} part
 * @param {Tried[Part]} otherwise
 */
function boundTo(name, part, otherwise) {
    return {
        get value() {
            return tried.value[name]?.[part] ?? otherwise;
        },
        set value(next) {
            const before = tried.peek();
            tried.value = { ...before, [name]: { inputs: {}, job: '', ...before[name], [part]: next } };
        },
    };
}

/**
 * @param {Record<string, unknown>} inputs
 * @param {Wire<'WorkflowDetail'>} detail
 */
function bodyOf(inputs, detail) {
    const prompt = typeof inputs['prompt'] === 'string' ? inputs['prompt'] : '';
    return {
        inputs,
        title: (prompt || titleOf(detail)).slice(0, LONGEST),
        metadata: { studio: { view: 'workflows', workflow: detail.name } },
    };
}
