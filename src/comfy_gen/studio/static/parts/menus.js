/** Menus that open at a button: the browser's own popovers, with the keys that people expect of a menu. */

import { h, uniqueId } from '../core/dom.js';
import { icon } from './icons.js';
import { report } from './toasts.js';

/** @typedef {{ label: string, icon?: import('./icons.js').IconName, kind?: 'danger', disabled?: boolean, do: () => unknown }} Action */

/**
 * Make a button that opens a menu.
 * @param {string} label
 * @param {() => ReadonlyArray<Action | null | false>} actions Asked each time it opens.
 * @param {{ icon?: import('./icons.js').IconName, kind?: string, isBare?: boolean }} [how]
 */
export function menu(label, actions, { icon: drawn = 'more', kind = 'quiet', isBare = true } = {}) {
    const id = uniqueId('menu');
    const list = h('div', { id, class: 'menu', role: 'menu', popover: 'auto', 'aria-label': label });
    const opener = h(
        'button',
        {
            type: 'button',
            class: ['button', kind, isBare && 'bare'],
            popovertarget: id,
            'aria-haspopup': 'menu',
            'aria-label': isBare ? label : null,
            title: isBare ? label : null,
        },
        icon(drawn),
        isBare ? null : h('span', null, label),
    );
    list.addEventListener('beforetoggle', (event) => {
        if (/** @type {ToggleEvent} */ (event).newState !== 'open') return;
        list.replaceChildren(
            ...actions()
                .filter((one) => !!one)
                .map((one) => item(one, list)),
        );
    });
    list.addEventListener('toggle', (event) => {
        if (/** @type {ToggleEvent} */ (event).newState !== 'open') return;
        place(list, opener);
        /** @type {HTMLElement | null} */ (list.querySelector('button:not(:disabled)'))?.focus();
    });
    list.addEventListener('keydown', (event) => move(event, list));
    return h('div', { class: 'menu-holder' }, opener, list);
}

/**
 * @param {Action} action
 * @param {HTMLElement} list
 */
function item(action, list) {
    return h(
        'button',
        {
            type: 'button',
            role: 'menuitem',
            class: ['menu-item', action.kind],
            disabled: action.disabled ?? false,
            onclick: async () => {
                list.hidePopover();
                try {
                    await action.do();
                } catch (error) {
                    report(error);
                }
            },
        },
        action.icon ? icon(action.icon) : null,
        h('span', null, action.label),
    );
}

/**
 * @param {HTMLElement} list
 * @param {HTMLElement} opener
 */
function place(list, opener) {
    const [button, size] = [opener.getBoundingClientRect(), list.getBoundingClientRect()];
    const isBelow = button.bottom + size.height + 8 < innerHeight || button.top < size.height;
    const left = Math.max(8, Math.min(button.right - size.width, innerWidth - size.width - 8));
    list.style.setProperty('left', `${left}px`);
    list.style.setProperty('top', `${isBelow ? button.bottom + 4 : button.top - size.height - 4}px`);
}

/**
 * @param {KeyboardEvent} event
 * @param {HTMLElement} list
 */
function move(event, list) {
    const items = /** @type {HTMLElement[]} */ ([...list.querySelectorAll('button:not(:disabled)')]);
    const at = items.indexOf(/** @type {HTMLElement} */ (document.activeElement));
    /** @type {Record<string, number>} */
    const targets = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 };
    const target = targets[event.key];
    if (target === undefined) return;
    event.preventDefault();
    items.at(target % items.length)?.focus();
}
