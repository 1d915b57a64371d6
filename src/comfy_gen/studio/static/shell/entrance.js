/** Asks for a key. It is sent once, and kept by nobody: the browser gets a cookie that scripts cannot read. */

import { Problem } from '../core/api.js';
import { h } from '../core/dom.js';
import { enter } from '../core/session.js';
import { signal } from '../core/signals.js';
import { textField } from '../parts/fields.js';
import { icon } from '../parts/icons.js';

export function entrance() {
    const key = signal('');
    const said = signal('');
    const isBusy = signal(false);
    const submit = async (/** @type {Event} */ event) => {
        event.preventDefault();
        isBusy.value = true;
        try {
            await enter(key.peek().trim());
        } catch (error) {
            if (!(error instanceof Problem)) throw error;
            said.value = [error.message, error.hint].filter(Boolean).join('. ');
        } finally {
            isBusy.value = false;
        }
    };
    return h(
        'main',
        { class: 'alone' },
        h(
            'form',
            { class: 'card entrance', onsubmit: submit },
            icon('key', 'large'),
            h('h1', null, 'This service asks for a key'),
            h(
                'p',
                { class: 'dim' },
                'Whoever runs it makes one with ',
                h('code', null, 'comfygen keys create NAME'),
                '.',
            ),
            textField('Key', key, {
                type: 'password',
                error: () => said.value,
                more: { autocomplete: 'current-password', required: true, autofocus: true, spellcheck: 'false' },
            }),
            h(
                'button',
                { class: 'button main', type: 'submit', disabled: () => isBusy.value || !key.value.trim() },
                'Enter',
            ),
        ),
    );
}
