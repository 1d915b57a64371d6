/** Buttons, and links that look like them. */

import { h } from '../core/dom.js';
import { signal } from '../core/signals.js';
import { icon } from './icons.js';
import { report } from './toasts.js';

/**
 * @typedef {object} ButtonOptions
 * @property {string | (() => string)} label What it does, in a word or three; read aloud where it is not shown.
 * @property {import('./icons.js').IconName | (() => import('./icons.js').IconName)} [icon]
 * @property {'plain' | 'main' | 'danger' | 'quiet'} [kind] `main` is for the one thing that a view is for.
 * @property {boolean} [isBare] Show the icon alone.
 * @property {(event: MouseEvent) => unknown} [onclick] While what it returns is not settled, the button cannot be used; what it throws is shown.
 * @property {boolean | (() => boolean)} [disabled]
 * @property {() => boolean} [pressed] For one that switches something on and off.
 * @property {Record<string, any>} [more] Further properties of the element.
 */

/**
 * Make a button.
 * @param {ButtonOptions} options
 */
export function button({
    label,
    icon: drawn,
    kind = 'plain',
    isBare = false,
    onclick,
    disabled = false,
    pressed,
    more,
}) {
    const isBusy = signal(false);
    const hasFocus = signal(false); // which the browser takes from what is disabled, and a keyboard would be lost
    const isRefused = () => (typeof disabled === 'function' ? disabled() : disabled);
    const isOff = () => isBusy.value || isRefused();
    const press = async (/** @type {MouseEvent} */ event) => {
        if (isOff()) return;
        const pending = onclick?.(event);
        if (!(pending instanceof Promise)) return;
        isBusy.value = true;
        try {
            await pending;
        } catch (error) {
            report(error);
        } finally {
            isBusy.value = false;
        }
    };
    return h(
        'button',
        {
            type: 'button',
            class: () => ['button', kind, isBare && 'bare', isBusy.value && 'busy'],
            disabled: () => isRefused() && !hasFocus.value,
            'aria-disabled': () => (isOff() ? 'true' : null),
            'aria-label': isBare ? label : null,
            title: isBare ? label : null,
            'aria-pressed': pressed ? () => String(pressed()) : null,
            onclick: press,
            onfocus: () => {
                hasFocus.value = true;
            },
            onblur: () => {
                hasFocus.value = false;
            },
            ...more,
        },
        drawn ? () => icon(typeof drawn === 'function' ? drawn() : drawn) : null,
        isBare ? null : h('span', null, label),
    );
}

/**
 * Make a link that looks like a button.
 * @param {{ label: string, href: string, icon?: import('./icons.js').IconName, kind?: string, isBare?: boolean, download?: string | boolean, more?: Record<string, any> }} options
 */
export function linkButton({ label, href, icon: drawn, kind = 'plain', isBare = false, download, more }) {
    return h(
        'a',
        {
            class: ['button', kind, isBare && 'bare'],
            href,
            download,
            'aria-label': isBare ? label : null,
            title: isBare ? label : null,
            ...more,
        },
        drawn ? icon(drawn) : null,
        isBare ? null : h('span', null, label),
    );
}
