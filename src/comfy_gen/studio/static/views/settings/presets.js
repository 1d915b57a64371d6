/** Values that somebody keeps under a name. They are written from Create; here they are seen, used and taken away. */

import { get, remove } from '../../core/api.js';
import { h } from '../../core/dom.js';
import { linkTo } from '../../core/router.js';
import { amount } from '../../core/words.js';
import { button, linkButton } from '../../parts/buttons.js';
import { confirm } from '../../parts/dialogs.js';
import { empty, loaded } from '../../parts/states.js';
import { say } from '../../parts/toasts.js';

/** @typedef {Wire<'Preset'>} Preset */

export function presets() {
    const found = loaded((until) => get('/presets', {}, until));
    return h(
        'div',
        { class: 'settings-part' },
        found.show(
            (/** @type {Wire<'Presets'>} */ { presets: all }) => (all.length ? listed(all, found.again) : nothing()),
            'your presets',
        ),
    );
}

function nothing() {
    return empty({
        icon: 'save',
        title: 'No presets yet',
        text: 'Set steps, size, model and LoRAs as you like them in Create, and save them under a name.',
        actions: [linkButton({ label: 'Go to Create', kind: 'main', icon: 'create', href: linkTo('create') })],
    });
}

/**
 * @param {Preset[]} all
 * @param {() => void} again
 */
function listed(all, again) {
    return h(
        'ul',
        { class: 'columns', 'aria-label': amount(all.length, 'preset') },
        all.map((one) => h('li', { class: 'card stack tight' }, card(one, again))),
    );
}

/**
 * @param {Preset} one
 * @param {() => void} again
 */
function card(one, again) {
    return [
        h('h2', null, one.name),
        one.description ? h('p', { class: 'dim' }, one.description) : null,
        h(
            'dl',
            { class: 'facts small' },
            Object.entries(one.values).map(([name, value]) => [h('dt', null, name), h('dd', null, said(value))]),
        ),
        h(
            'div',
            { class: 'row' },
            linkButton({
                label: 'Use',
                icon: 'create',
                href: linkTo('create', { preset: one.name }),
                more: { 'aria-label': `Use ${one.name}` },
            }),
            button({
                label: `Delete ${one.name}`,
                icon: 'trash',
                kind: 'quiet',
                isBare: true,
                onclick: () => strike(one, again),
            }),
        ),
    ];
}

/**
 * @param {Preset} one
 * @param {() => void} again
 */
async function strike(one, again) {
    if (!(await confirm(`Delete the preset ${one.name}?`, { yes: 'Delete' }))) return;
    await remove(`/presets/${encodeURIComponent(one.name)}`);
    say(`The preset ${one.name} is deleted`);
    again();
}

/** @param {unknown} value */
function said(value) {
    if (!Array.isArray(value)) return String(value);
    return value
        .map((one) => (typeof one === 'object' && one ? `${one.name} at ${one.strength ?? 1}` : String(one)))
        .join(', ');
}
