/** Which words stand for many: how they are written, and which there are. */

import { get } from '../../core/api.js';
import { each, h } from '../../core/dom.js';
import { signal } from '../../core/signals.js';
import { amount } from '../../core/words.js';
import { button } from '../../parts/buttons.js';
import { openDialog } from '../../parts/dialogs.js';
import { textField } from '../../parts/fields.js';
import { loaded } from '../../parts/states.js';

/** @typedef {Wire<'Wildcard'>} Wildcard */

const VARIANTS = '{morning|evening}';
const MOST = 200;

/**
 * Make a button that opens them.
 * @param {(text: string) => void} insert Given what to put into the prompt, once the dialog is closed.
 */
export function wildcardMenu(insert) {
    return button({
        label: 'Wildcards',
        icon: 'seed',
        kind: 'quiet',
        onclick: () => {
            // Not waited for: the button can be used, and has the focus back, as soon as the dialog is closed.
            void openDialog('Wildcards', (/** @type {(text?: string) => void} */ close) => content(close)).then(
                (text) => text && insert(text),
            );
        },
    });
}

/** @param {(text?: string) => void} close */
function content(close) {
    const found = loaded(async (until) => /** @type {Wire<'Wildcards'>} */ (await get('/wildcards', {}, until)));
    return [
        h('p', null, 'One of several words is taken for each picture, by its seed.'),
        h(
            'ul',
            { class: 'create-wildcards' },
            line(VARIANTS, 'One of these, and as many as you like; there may be others within.', close),
        ),
        found.show(({ wildcards }) => list(wildcards, close), 'Wildcards'),
    ];
}

/**
 * @param {Wildcard[]} wildcards
 * @param {(text?: string) => void} close
 */
function list(wildcards, close) {
    if (!wildcards.length) return nothing();
    const wanted = signal('');
    const shown = () =>
        wildcards.filter(({ name }) => name.toLowerCase().includes(wanted.value.trim().toLowerCase())).slice(0, MOST);
    return [
        wildcards.length > 8
            ? textField('Search wildcards', wanted, { type: 'search', placeholder: 'Search wildcards', isBare: true })
            : null,
        h(
            'ul',
            { class: 'create-wildcards' },
            each(
                shown,
                ({ name }) => name,
                (one) => line(`__${one.name}__`, `${amount(one.total, 'line')}: ${one.samples.join(', ')}`, close),
            ),
        ),
        () => (shown().length ? null : h('p', { class: 'dim', role: 'status' }, 'No wildcard is called that.')),
    ];
}

function nothing() {
    return h(
        'p',
        { class: 'dim' },
        'There are no wildcards yet. Put a text file with one entry a line into the folder of wildcards of the ' +
            'service: animals.txt is then written as __animals__.',
    );
}

/**
 * @param {string} text
 * @param {string} said
 * @param {(text?: string) => void} close
 */
function line(text, said, close) {
    return h(
        'li',
        null,
        h(
            'button',
            { type: 'button', class: 'menu-item', onclick: () => close(text), 'aria-label': `Insert ${text}` },
            h('code', null, text),
            h('span', { class: 'dim small create-wildcards-said' }, said),
        ),
    );
}
