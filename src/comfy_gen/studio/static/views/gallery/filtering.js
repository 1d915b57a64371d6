/** The search, the filters, and what they are set to. They write the address; the list follows that. */

import { h } from '../../core/dom.js';
import { effect, ended, signal } from '../../core/signals.js';
import { button } from '../../parts/buttons.js';
import { combobox } from '../../parts/combobox.js';
import { field, selectField, toggle } from '../../parts/fields.js';
import { icon } from '../../parts/icons.js';
import { choicesOf, facets } from './facets.js';
import { ALL, chipsOf, isNarrowed, ORDERS } from './filters.js';

/** @typedef {import('./filters.js').Filters} Filters */
/** @typedef {import('./filters.js').FilterName} FilterName */
/** @typedef {(change: Partial<Filters>, how?: { isTyping?: boolean }) => void} Narrow */

const TYPING = 220;

/**
 * The line with the search, and the filters below it while they are open.
 * @param {() => Filters} filters
 * @param {Narrow} narrow
 */
export function filtering(filters, narrow) {
    const isOpen = signal(false);
    const opener = button({
        label: 'Filters',
        icon: 'filter',
        onclick: () => {
            isOpen.value = !isOpen.peek();
        },
        more: { 'aria-expanded': () => String(isOpen.value), 'aria-controls': 'gallery-filters' },
    });
    return h(
        'search',
        { class: 'gallery-search', 'aria-label': 'Pictures' },
        h(
            'div',
            { class: 'row tight' },
            h('div', { class: 'grow gallery-text' }, icon('search'), search(filters, narrow)),
            opener,
        ),
        h(
            'div',
            { id: 'gallery-filters', class: 'card gallery-filters', hidden: () => !isOpen.value },
            fields(filters, narrow),
        ),
        chips(filters, narrow),
    );
}

/**
 * @param {() => Filters} filters
 * @param {Narrow} narrow
 */
function search(filters, narrow) {
    let timer = 0;
    ended(() => clearTimeout(timer));
    const type = (/** @type {any} */ event) => {
        const text = event.target.value.trim();
        clearTimeout(timer);
        timer = setTimeout(() => narrow({ text }, { isTyping: true }), TYPING);
    };
    return field(
        'Search prompts and titles',
        (described) => {
            const input = h('input', {
                ...described,
                type: 'search',
                class: 'input',
                placeholder: 'Search prompts and titles',
                maxlength: 200,
                autocomplete: 'off',
                oninput: type,
            });
            effect(() => {
                const { text } = filters();
                // What is being written stays as it is: "a " is searched for as "a".
                if (input.value.trim() !== text && document.activeElement !== input) input.value = text;
            });
            return input;
        },
        { isBare: true },
    );
}

/**
 * @param {() => Filters} filters
 * @param {Narrow} narrow
 */
function fields(filters, narrow) {
    const bound = (/** @type {FilterName} */ name) => ({
        get value() {
            return filters()[name];
        },
        set value(value) {
            if (value !== filters()[name]) narrow({ [name]: value });
        },
    });
    const favorites = {
        get value() {
            return filters().favorites === 'true';
        },
        set value(isOn) {
            narrow({ favorites: isOn ? 'true' : '' });
        },
    };
    return [
        combobox('Category', bound('category'), () => choicesOf(facets.value.categories), { placeholder: 'Any' }),
        combobox('Model', bound('model'), () => choicesOf(facets.value.models), { placeholder: 'Any', isFree: true }),
        combobox('Tag', bound('tag'), () => choicesOf(facets.value.tags), { placeholder: 'Any' }),
        combobox('Workflow', bound('workflow'), () => choicesOf(facets.value.workflows), { placeholder: 'Any' }),
        selectField('Rating', bound('rating'), () => RATINGS),
        selectField('Judged', bound('passed'), () => JUDGED),
        day('From', bound('since')),
        day('Until', bound('until')),
        selectField('Order', bound('order'), () => ORDERS),
        toggle('Favourites alone', favorites),
    ];
}

const RATINGS = /** @type {Array<[string, string]>} */ ([
    ['', 'Any'],
    ['1', '1 star or more'],
    ['2', '2 stars or more'],
    ['3', '3 stars or more'],
    ['4', '4 stars or more'],
    ['5', '5 stars'],
]);

const JUDGED = /** @type {Array<[string, string]>} */ ([
    ['', 'All'],
    ['true', 'Passed'],
    ['false', 'Did not pass'],
]);

/**
 * @param {string} label
 * @param {import('../../parts/fields.js').Bound<string>} bound
 */
const day = (label, bound) =>
    field(label, (described) =>
        h('input', {
            ...described,
            type: 'date',
            class: 'input',
            value: () => bound.value,
            onchange: (/** @type {any} */ event) => {
                bound.value = event.target.value;
            },
        }),
    );

/**
 * What the list is narrowed down by, each to be taken away.
 * @param {() => Filters} filters
 * @param {Narrow} narrow
 */
function chips(filters, narrow) {
    const chip = (/** @type {{ name: FilterName, label: string }} */ { name, label }) =>
        h(
            'button',
            {
                type: 'button',
                class: 'chip',
                'aria-label': `Remove the filter ${label}`,
                onclick: () => narrow({ [name]: '' }),
            },
            h('span', { class: 'ellipsis' }, label),
            icon('cancel'),
        );
    const clear = () =>
        button({
            label: 'Clear all',
            kind: 'quiet',
            onclick: () => narrow({ ...ALL, order: filters().order }),
        });
    return h('div', { class: 'row gallery-chips', hidden: () => !isNarrowed(filters()) }, () =>
        isNarrowed(filters()) ? [...chipsOf(filters()).map(chip), clear()] : null,
    );
}
