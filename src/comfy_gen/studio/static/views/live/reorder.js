/** Puts waiting jobs elsewhere in the line: by hand, with a mouse or a finger, or with the keys. */

import { h } from '../../core/dom.js';
import { jobOf } from '../../core/live.js';
import { batch, signal } from '../../core/signals.js';
import { icon } from '../../parts/icons.js';
import { move } from './actions.js';
import { grip } from './grip.js';
import { moved, partOf, placeIn } from './line.js';
import { titleOf } from './words.js';

export const HOW = 'live-how-to-move';

/**
 * Make what makes the handles of rows.
 * @param {import('./lists.js').Lists} lists
 * @param {(text: string) => void} announce
 * @returns {(id: string) => Node}
 */
export function reordering(lists, announce) {
    const picked = signal(''); // with the keys

    const waits = (/** @type {string} */ id) => {
        const job = jobOf(id)?.peek();
        return job !== undefined && partOf(job) === 'waiting';
    };
    const told = (/** @type {readonly string[]} */ order, /** @type {string} */ id) =>
        `place ${order.indexOf(id) + 1} of ${order.length}`;

    const drop = (/** @type {string} */ id, /** @type {readonly string[]} */ order, /** @type {boolean} */ isMoved) => {
        const place = placeIn(order, id, waits);
        batch(() => {
            lists.held.value = null;
            picked.value = '';
            if (isMoved && place && waits(id)) void move(lists, { id, place });
        });
        if (isMoved) announce(waits(id) ? `Dropped at ${told(order, id)}.` : 'It does not wait any more.');
        else announce('It stays where it was.');
    };
    const pick = (/** @type {string} */ id) => {
        const order = lists.waiting.peek();
        picked.value = id;
        lists.held.value = order;
        announce(`Picked up, ${told(order, id)}. Arrow keys move it, Space drops it, Escape puts it back.`);
    };
    const step = (/** @type {string} */ id, /** @type {HTMLElement} */ handle, /** @type {number} */ to) => {
        const order = moved(lists.held.peek() ?? [], id, to);
        lists.held.value = order;
        handle.focus(); // its row may have been taken out and put in again
        announce(`${told(order, id)[0]?.toUpperCase()}${told(order, id).slice(1)}.`);
    };
    const isChanged = (/** @type {string} */ id, /** @type {readonly string[]} */ order) =>
        lists.line
            .peek()
            .filter((one) => order.includes(one))
            .indexOf(id) !== order.indexOf(id);

    /** @type {(id: string, event: KeyboardEvent & { currentTarget: HTMLElement }) => void} */
    const press = (id, event) => {
        const [handle, order] = [event.currentTarget, lists.held.peek() ?? []];
        const at = order.indexOf(id);
        /** @type {Record<string, () => void>} */
        const held = {
            ' ': () => drop(id, order, isChanged(id, order)),
            Enter: () => drop(id, order, isChanged(id, order)),
            Escape: () => drop(id, order, false),
            ArrowUp: () => step(id, handle, at - 1),
            ArrowDown: () => step(id, handle, at + 1),
            Home: () => step(id, handle, 0),
            End: () => step(id, handle, order.length - 1),
        };
        /** @type {Record<string, () => void>} */
        const free = { ' ': () => pick(id), Enter: () => pick(id) };
        const wanted = (picked.peek() === id ? held : free)[event.key];
        if (!wanted) return;
        event.preventDefault();
        wanted();
        handle.focus();
    };
    const leave = (/** @type {string} */ id, /** @type {HTMLElement} */ handle) =>
        queueMicrotask(() => {
            if (picked.peek() === id && document.activeElement !== handle) drop(id, lists.held.peek() ?? [], false);
        });
    const hold = grip({
        begin: () => {
            const order = lists.waiting.peek();
            lists.held.value = order;
            return order;
        },
        end: (order, id, at) => drop(id, moved(order, id, at), at !== order.indexOf(id)),
    });

    return (id) => {
        const job = jobOf(id);
        return h(
            'button',
            {
                type: 'button',
                class: () => ['live-handle', picked.value === id && 'picked'],
                'aria-label': `Move ${job ? titleOf(job.peek()) : id}`,
                'aria-describedby': HOW,
                'aria-pressed': () => String(picked.value === id),
                onkeydown: (/** @type {any} */ event) => press(id, event),
                onblur: (/** @type {any} */ event) => leave(id, event.currentTarget),
                onpointerdown: (/** @type {any} */ event) => hold(id, event),
            },
            icon('drag'),
        );
    };
}
