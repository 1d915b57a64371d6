/** Asks for one axis of a grid: what changes along it, and which values it has. */

import { h } from '../../core/dom.js';
import { computed } from '../../core/signals.js';
import { button } from '../../parts/buttons.js';
import { combobox } from '../../parts/combobox.js';
import { selectField, textArea, textField } from '../../parts/fields.js';
import { icon } from '../../parts/icons.js';
import { valueText } from './parameters.js';

/** @typedef {import('./plan.js').WrittenAxis} WrittenAxis */
/** @typedef {import('./parameters.js').Parameter} Parameter */
/**
 * @typedef {object} AxisOptions
 * @property {string} title
 * @property {string} nothing What is chosen where the axis is not used.
 * @property {import('../../core/signals.js').Signal<WrittenAxis>} written
 * @property {() => readonly Parameter[]} parameters
 * @property {() => readonly string[]} loras
 * @property {() => string[]} problems
 * @property {() => readonly any[]} values As they were read.
 */

/** So many choices can be taken all at once. */
const MOST_AT_ONCE = 50;
const MOST_SHOWN = 12;

/** @param {AxisOptions} options */
export function axis({ title, nothing, written, parameters, loras, problems, values }) {
    const id = computed(() => written.value.parameter);
    const parameter = computed(() => parameters().find((one) => one.id === id.value));
    const shape = computed(() => parameter.value && `${parameter.value.writing} ${parameter.value.id}`);
    const error = () => problems().join(' ');
    const change = (/** @type {Partial<WrittenAxis>} */ part) => {
        written.value = { ...written.peek(), ...part };
    };
    const chosenParameter = bound(
        () => id.value,
        (value) => change({ parameter: value }),
    );
    const options = () => [
        /** @type {const} */ (['', nothing]),
        ...parameters().map((one) => /** @type {const} */ ([one.id, one.title])),
        ...(id.value && !parameter.value ? [/** @type {const} */ ([id.value, `${id.value} (not here)`])] : []),
    ];
    const control = () => {
        if (!shape.value) return error() ? h('p', { class: 'bad small', role: 'alert' }, error()) : null;
        const found = /** @type {Parameter} */ (parameter.peek());
        return [
            found.hasTarget ? target(written, change, loras) : null,
            found.writing === 'choices'
                ? chooser({ parameter, written, change, error })
                : writer({ parameter: found, written, change, error }),
            found.writing === 'choices'
                ? null
                : h('p', { class: 'grids-values dim small' }, () => valuesText(found.id, values())),
        ];
    };
    return h(
        'fieldset',
        { class: 'card grids-axis' },
        h('legend', null, title),
        selectField('What changes', chosenParameter, options),
        control,
    );
}

/**
 * @param {import('../../core/signals.js').Signal<WrittenAxis>} written
 * @param {(part: Partial<WrittenAxis>) => void} change
 * @param {() => readonly string[]} loras
 */
function target(written, change, loras) {
    const one = bound(
        () => written.value.target,
        (value) => change({ target: value }),
    );
    return combobox('LoRA', one, () => loras().map((one) => choice(one)), { placeholder: 'Search the LoRAs' });
}

/** @param {{ parameter: Parameter, written: import('../../core/signals.js').Signal<WrittenAxis>, change: (part: Partial<WrittenAxis>) => void, error: () => string }} how */
function writer({ parameter: { id, writing, example, hint }, written, change, error }) {
    const text = bound(
        () => written.value.texts[id] ?? '',
        (value) => change({ texts: { ...written.peek().texts, [id]: value } }),
    );
    const more = { placeholder: example, hint, error, more: { autocomplete: 'off', spellcheck: 'false' } };
    return writing === 'lines' ? textArea('Values', text, { ...more, rows: 4 }) : textField('Values', text, more);
}

/** @param {{ parameter: import('../../core/signals.js').Computed<Parameter | undefined>, written: import('../../core/signals.js').Signal<WrittenAxis>, change: (part: Partial<WrittenAxis>) => void, error: () => string }} how */
function chooser({ parameter, written, change, error }) {
    const id = parameter.peek()?.id ?? '';
    const all = () => parameter.value?.choices ?? [];
    const chosen = computed(() => written.value.chosen[id] ?? []);
    const put = (/** @type {Array<string | number | boolean>} */ list) =>
        change({ chosen: { ...written.peek().chosen, [id]: list } });
    const left = () => all().filter((one) => !chosen.value.includes(one));
    const nothing = bound(
        () => '',
        () => {},
    );
    return [
        combobox('Add a value', nothing, () => left().map((one) => choice(one, id)), {
            placeholder: () => `Search ${all().length}`,
            error,
            onchoose: ({ value }) => put([...chosen.peek(), ...all().filter((one) => String(one) === value)]),
            beside: () =>
                left().length && all().length <= MOST_AT_ONCE
                    ? button({ label: `All ${all().length}`, kind: 'quiet', onclick: () => put([...all()]) })
                    : null,
        }),
        h('ul', { class: 'grids-chosen-values', 'aria-label': 'Values' }, () =>
            chosen.value.map((one) =>
                h(
                    'li',
                    null,
                    chip(valueText(id, one), () => put(chosen.peek().filter((other) => other !== one))),
                ),
            ),
        ),
    ];
}

/**
 * @param {string} text
 * @param {() => void} remove
 */
function chip(text, remove) {
    return h(
        'button',
        { type: 'button', class: 'chip', 'aria-label': `Remove ${text}`, onclick: remove },
        text,
        icon('cancel'),
    );
}

/**
 * @param {string | number | boolean} value
 * @param {string} [id]
 */
const choice = (value, id = 'model') => ({ value: String(value), label: valueText(id, value), detail: '' });

/**
 * @param {string} id
 * @param {readonly any[]} values
 */
function valuesText(id, values) {
    if (!values.length) return '';
    const shown = values.slice(0, MOST_SHOWN).map((one) => valueText(id, one));
    const rest = values.length > MOST_SHOWN ? ' …' : '';
    return `${values.length === 1 ? '1 value' : `${values.length} values`}: ${shown.join(', ')}${rest}`;
}

/**
 * @template T
 * @param {() => T} read
 * @param {(value: T) => void} write
 */
const bound = (read, write) => ({
    get value() {
        return read();
    },
    set value(value) {
        write(value);
    },
});
