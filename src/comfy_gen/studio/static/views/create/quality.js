/** How good the pictures must be, and what is done about those that are not. */

import { h } from '../../core/dom.js';
import { computed } from '../../core/signals.js';
import { numberField, selectField, toggle } from '../../parts/fields.js';
import { isJudged, qualityProblems } from './quality_limits.js';

/** @typedef {{ quality: { value: any } }} Draft */

const STRATEGIES = /** @type {Array<[string, string]>} */ ([
    ['', 'A little more each time (as usual)'],
    ['seed_search', 'The seed alone'],
    ['prompt_enhance', 'The prompt, made clearer'],
]);

/**
 * @param {Draft} draft What is as usual is not in its `quality`.
 */
export function qualityOptions(draft) {
    const of = (/** @type {string} */ name, /** @type {any} */ none = null) => boundTo(draft, name, none);
    const isRetried = computed(() => Boolean(draft.quality.value.auto_retry));
    const isAny = computed(() => isJudged(draft.quality.value));
    return h(
        'div',
        { class: 'create-quality stack' },
        toggle('Check the pictures', of('validate', false), {
            hint: 'Says whether each is sound and, where a model compares them, how well it fits the prompt.',
        }),
        toggle('Try again until one passes', of('auto_retry', false), {
            hint: 'What does not pass is made anew. All pictures are kept, and the best is the result.',
        }),
        () => (isRetried.value ? retries(draft, of) : null),
        number(draft, of, 'best_of', 'Make several, take the best', {
            ...{ min: 1, max: 16, step: 1, placeholder: '1' },
            hint: 'Each with another seed. Needs a model that compares pictures with prompts.',
        }),
        () => (isAny.value ? thresholds(draft, of) : null),
    );
}

/** @typedef {(name: string, none?: any) => import('../../parts/fields.js').Bound<any>} Of */

/**
 * @param {Draft} draft
 * @param {Of} of
 */
function retries(draft, of) {
    return h(
        'div',
        { class: 'columns' },
        number(draft, of, 'retry_limit', 'Tries at most', { min: 1, max: 10, step: 1, placeholder: '3' }),
        selectField('What is changed', of('retry_strategy', ''), () => STRATEGIES),
    );
}

/**
 * @param {Draft} draft
 * @param {Of} of
 */
function thresholds(draft, of) {
    return h(
        'div',
        { class: 'columns' },
        number(draft, of, 'positive_threshold', 'Like the prompt, at least', {
            ...{ min: 0, max: 1, step: 0.01, placeholder: 'As usual' },
            hint: 'From 0 to 1. About 0.25 is usual; needs a model that compares.',
        }),
        number(draft, of, 'delta_threshold', 'More than the negative prompt, by', {
            ...{ min: -1, max: 1, step: 0.01, placeholder: 'Not asked' },
            hint: 'From -1 to 1; needs a model that compares.',
        }),
    );
}

/**
 * @param {Draft} draft
 * @param {Of} of
 * @param {string} name
 * @param {string} label
 * @param {{ min: number, max: number, step: number, placeholder: string, hint?: string }} options
 */
function number(draft, of, name, label, options) {
    const error = () => qualityProblems(draft.quality.value).find((one) => one.name === name)?.problem ?? '';
    return numberField(label, of(name), { ...options, error });
}

/**
 * @param {Draft} draft
 * @param {string} name
 * @param {any} none What stands for: as usual.
 */
function boundTo(draft, name, none) {
    return {
        get value() {
            return draft.quality.value[name] ?? none;
        },
        set value(next) {
            const { [name]: _, ...others } = draft.quality.value;
            const changed = next === none || next === '' ? others : { ...others, [name]: next };
            // How it is judged is nothing without being judged: the service refuses it.
            draft.quality.value = isJudged(changed) ? changed : {};
        },
    };
}
