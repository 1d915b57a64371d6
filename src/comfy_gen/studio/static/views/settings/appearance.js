/** Who is here, and light or dark. */

import { h } from '../../core/dom.js';
import { leave, session } from '../../core/session.js';
import { button } from '../../parts/buttons.js';
import { theme } from '../../shell/theme.js';

const THEMES = /** @type {const} */ ([
    ['system', 'As the system is'],
    ['light', 'Light'],
    ['dark', 'Dark'],
]);

/** @type {Record<string, string>} */
const BY = {
    key: 'by a key',
    cookie: 'by a key',
    place: 'as whoever is at this machine: the service has no keys yet',
    open: 'as everybody: the service is open',
};

export function appearance() {
    return h(
        'div',
        { class: 'stack settings-part' },
        h(
            'fieldset',
            { class: 'card stack tight' },
            h('legend', null, 'Colours'),
            THEMES.map(([value, shown]) =>
                h(
                    'label',
                    { class: 'row' },
                    h('input', {
                        type: 'radio',
                        name: 'theme',
                        value,
                        checked: () => theme.value === value,
                        onchange: () => {
                            theme.value = value;
                        },
                    }),
                    shown,
                ),
            ),
        ),
        h('section', { class: 'card stack' }, h('h2', null, 'Who is here'), () => who()),
    );
}

function who() {
    const here = session.value;
    if (!here) return null;
    return [
        h(
            'dl',
            { class: 'facts' },
            here.name ? [h('dt', null, 'Key'), h('dd', null, here.name)] : null,
            h('dt', null, 'Let in'),
            h('dd', null, BY[here.with] ?? here.with),
            h('dt', null, 'May'),
            h('dd', null, here.scopes.join(', ')),
            h('dt', null, 'Tier'),
            h('dd', null, here.tier),
            h('dt', null, 'Version'),
            h('dd', null, here.version),
        ),
        here.with === 'cookie' ? h('div', null, button({ label: 'Leave', icon: 'leave', onclick: leave })) : null,
    ];
}
