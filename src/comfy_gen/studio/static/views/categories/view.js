/** The categories: what a picture may be of, or be like, and what each brings to its making. */

import { get } from '../../core/api.js';
import { each, h } from '../../core/dom.js';
import { go, linkTo, place } from '../../core/router.js';
import { session } from '../../core/session.js';
import { computed, effect, signal } from '../../core/signals.js';
import { amount, capital } from '../../core/words.js';
import { textField } from '../../parts/fields.js';
import { head } from '../../parts/head.js';
import { empty, loaded } from '../../parts/states.js';
import { showCategory } from './detail.js';
import { fitting, TYPES } from './search.js';

/** @typedef {Wire<'CategorySummary'>} Category */

export function view() {
    const text = signal('');
    const type = signal('');
    const categories = loaded((until) => get('/categories', { policy_tier: session.value?.tier }, until));
    effect(() => {
        const wanted = place.value.query.get('id');
        if (wanted) showAndGoOn(wanted);
    });
    return h(
        'div',
        { class: 'view' },
        head('Categories'),
        h(
            'p',
            { class: 'dim categories-intro' },
            'Write what you want, and the categories that the words mean are found by themselves; or name one with an @. ',
            'Each brings prompts, settings and LoRAs, and the recipe says why.',
        ),
        categories.show(
            (/** @type {Wire<'Categories'>} */ found) => listed(found.categories, text, type),
            'the categories',
        ),
    );
}

/** @param {string} id */
async function showAndGoOn(id) {
    const isUsed = await showCategory(id);
    if (isUsed) go('create', { category: id });
    else if (place.peek().view === 'categories') go('categories', {}, { replace: true });
}

/**
 * @param {Category[]} all
 * @param {import('../../core/signals.js').Signal<string>} text
 * @param {import('../../core/signals.js').Signal<string>} type
 */
function listed(all, text, type) {
    const shown = computed(() => fitting(all, text.value, type.value));
    return [
        h(
            'div',
            { class: 'row', role: 'search' },
            h(
                'div',
                { class: 'grow' },
                textField('Search', text, { type: 'search', isBare: true, placeholder: 'Search by name or keyword' }),
            ),
            h(
                'div',
                { class: 'row', role: 'group', 'aria-label': 'Type' },
                ['', ...TYPES].map((one) => choice(one, type, all)),
            ),
        ),
        h('p', { class: 'unseen', role: 'status' }, () => amount(shown.value.length, 'category', 'categories')),
        h(
            'ul',
            { class: 'columns' },
            each(
                () => shown.value,
                (one) => one.id,
                (one) => h('li', null, card(one)),
            ),
        ),
        () =>
            shown.value.length
                ? null
                : empty({
                      icon: 'categories',
                      title: 'No category is like that',
                      text: 'Try another word, or all types.',
                  }),
    ];
}

/**
 * @param {string} one
 * @param {import('../../core/signals.js').Signal<string>} type
 * @param {Category[]} all
 */
function choice(one, type, all) {
    const number = one ? all.filter((category) => category.type === one).length : all.length;
    return h(
        'button',
        {
            type: 'button',
            class: ['chip', one, 'categories-type'],
            'aria-pressed': () => String(type.value === one),
            onclick: () => {
                type.value = one;
            },
        },
        one ? capital(one) : 'All',
        h('span', { class: 'number' }, String(number)),
    );
}

/** @param {Category} one */
function card(one) {
    return h(
        'a',
        { class: ['card', 'categories-card'], href: linkTo('categories', { id: one.id }) },
        h('div', { class: 'row' }, h('h2', null, one.display_name), h('span', { class: ['chip', one.type] }, one.type)),
        h('p', { class: 'dim small' }, one.description),
        one.policy_tier === 'general' ? null : h('span', { class: 'pill warn' }, `tier ${one.policy_tier}`),
    );
}
