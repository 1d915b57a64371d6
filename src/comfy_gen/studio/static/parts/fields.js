/** Labelled controls. Each writes into a signal, and shows what the signal has. */

import { h, uniqueId } from '../core/dom.js';
import { icon } from './icons.js';

/**
 * A value that a control shows and sets: a signal, or anything with a `value` like one.
 * @template T
 * @typedef {{ value: T }} Bound
 */

/**
 * A value, or what returns it as it is now.
 * @template T
 * @typedef {T | (() => T)} Live
 */

/**
 * @typedef {object} FieldOptions
 * @property {string} [hint] A sentence below the control.
 * @property {() => string} [error] What is wrong with what was entered; empty where nothing is.
 * @property {import('../core/dom.js').Child} [beside] At the end of the label's line.
 * @property {boolean} [isBare] Have the label read aloud, but not shown.
 */

/**
 * Put a label on a control.
 * @param {string} label
 * @param {(described: { id: string, 'aria-describedby': string, 'aria-invalid': () => string | null }) => import('../core/dom.js').Child} control Given what makes the label the control's.
 * @param {FieldOptions} [options]
 */
export function field(label, control, { hint = '', error = () => '', beside, isBare = false } = {}) {
    const id = uniqueId('field');
    return h(
        'div',
        { class: 'field' },
        h('div', { class: ['field-label', isBare && 'unseen'] }, h('label', { for: id }, label), beside),
        control({ id, 'aria-describedby': `${id}-said`, 'aria-invalid': () => (error() ? 'true' : null) }),
        h('div', { id: `${id}-said`, class: 'field-said' }, () =>
            error() ? h('p', { class: 'bad' }, error()) : hint ? h('p', { class: 'dim' }, hint) : null,
        ),
    );
}

/**
 * A line of text.
 * @param {string} label
 * @param {Bound<string>} bound
 * @param {FieldOptions & { type?: string, placeholder?: string, more?: Record<string, any> }} [options]
 */
export const textField = (label, bound, { type = 'text', ...rest } = {}) =>
    written('input', { type }, label, bound, rest);

/**
 * Several lines of text.
 * @param {string} label
 * @param {Bound<string>} bound
 * @param {FieldOptions & { rows?: number, placeholder?: Live<string>, more?: Record<string, any> }} [options]
 */
export const textArea = (label, bound, { rows = 3, ...rest } = {}) => written('textarea', { rows }, label, bound, rest);

/**
 * @param {'input' | 'textarea'} tag
 * @param {Record<string, any>} own What the one has and not the other.
 * @param {string} label
 * @param {Bound<string>} bound
 * @param {FieldOptions & { placeholder?: Live<string>, more?: Record<string, any> }} options
 */
function written(tag, own, label, bound, { placeholder = '', more, ...rest }) {
    return field(
        label,
        (described) =>
            h(tag, {
                ...described,
                ...own,
                placeholder,
                class: 'input',
                value: () => bound.value,
                oninput: (/** @type {any} */ event) => {
                    bound.value = event.target.value;
                },
                ...more,
            }),
        rest,
    );
}

/**
 * A number; null where the field is empty.
 * @param {string} label
 * @param {Bound<number | null>} bound
 * @param {FieldOptions & { min?: Live<number | undefined>, max?: Live<number | undefined>, step?: Live<number | 'any'>, placeholder?: Live<string>, slider?: boolean, more?: Record<string, any> }} [options] With `slider`, one is beside it; needs a `min` and `max` that stay.
 */
export function numberField(
    label,
    bound,
    { min, max, step = 'any', placeholder = '', slider = false, more, ...rest } = {},
) {
    const take = (/** @type {any} */ event) => {
        const text = event.target.value;
        const number = Number(text);
        if (text === '') bound.value = null;
        else if (Number.isFinite(number)) bound.value = number;
    };
    const shared = { min, max, step, oninput: take };
    return field(
        label,
        (described) =>
            h(
                'div',
                { class: 'row tight' },
                slider
                    ? h('input', {
                          type: 'range',
                          ...shared,
                          'aria-label': `${label}, slider`,
                          value: () => String(bound.value ?? (typeof min === 'function' ? min() : min) ?? 0),
                      })
                    : null,
                h('input', {
                    ...described,
                    type: 'number',
                    inputmode: 'decimal',
                    placeholder,
                    class: ['input', slider && 'short'],
                    value: () => (bound.value === null ? '' : String(bound.value)),
                    ...shared,
                    ...more,
                }),
            ),
        rest,
    );
}

/**
 * One of some choices.
 * @param {string} label
 * @param {Bound<string>} bound
 * @param {() => ReadonlyArray<readonly [value: string, shown: string]>} choices
 * @param {FieldOptions & { more?: Record<string, any> }} [options]
 */
export function selectField(label, bound, choices, { more, ...rest } = {}) {
    return field(
        label,
        (described) =>
            h(
                'select',
                {
                    ...described,
                    class: 'input',
                    onchange: (/** @type {any} */ event) => {
                        bound.value = event.target.value;
                    },
                    ...more,
                },
                () => choices().map(([value, shown]) => h('option', { value, selected: value === bound.value }, shown)),
            ),
        rest,
    );
}

/**
 * Something that is on or off.
 * @param {string} label
 * @param {Bound<boolean>} bound
 * @param {{ hint?: string, disabled?: () => boolean }} [options]
 */
export function toggle(label, bound, { hint = '', disabled = () => false } = {}) {
    const id = uniqueId('toggle');
    return h(
        'div',
        { class: 'field toggle' },
        h('input', {
            id,
            type: 'checkbox',
            role: 'switch',
            'aria-describedby': hint ? `${id}-said` : null,
            checked: () => bound.value,
            disabled,
            onchange: (/** @type {any} */ event) => {
                bound.value = event.target.checked;
            },
        }),
        h('label', { for: id }, label),
        hint ? h('p', { id: `${id}-said`, class: 'dim' }, hint) : null,
    );
}

/**
 * A part that can be opened and closed.
 * @param {string} title
 * @param {import('../core/dom.js').Child} content
 * @param {{ isOpen?: Bound<boolean>, beside?: import('../core/dom.js').Child }} [options] `isOpen` may be a kept signal.
 */
export function section(title, content, { isOpen, beside } = {}) {
    return h(
        'details',
        {
            class: 'section',
            open: isOpen ? () => isOpen.value : false,
            ontoggle: (/** @type {any} */ event) => {
                if (isOpen) isOpen.value = event.target.open;
            },
        },
        h('summary', null, icon('right', 'turning'), h('span', null, title), beside),
        h('div', { class: 'section-body' }, content),
    );
}
