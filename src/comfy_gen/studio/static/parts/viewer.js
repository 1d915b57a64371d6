/** Looks at pictures one by one, over the whole screen. */

import { h } from '../core/dom.js';
import { computed, effect, signal } from '../core/signals.js';
import { button } from './buttons.js';
import { openDialog } from './dialogs.js';
import { settled, stage, zoomByKey } from './stage.js';
import { FITTED, STEP, zoomed } from './zooming.js';

/** @typedef {import('./stage.js').Shown} Shown */

/**
 * @typedef {object} ViewerOptions
 * @property {() => Shown | null} picture
 * @property {(by: -1 | 1) => void} turn Go to the one before, or after.
 * @property {(by: -1 | 1) => boolean} canTurn
 * @property {() => string} place Such as "3 of 12".
 * @property {import('../core/dom.js').Child} [beside] What is told of the picture.
 * @property {import('../core/dom.js').Child} [tools] Further buttons.
 */

/**
 * Show some artifacts in a dialog; settles when it is closed.
 * @param {() => readonly Shown[]} list May grow and shrink while it is shown.
 * @param {number} [at] Which is shown first.
 */
export function openViewer(list, at = 0) {
    return openDialog(
        'Pictures',
        () => {
            const index = signal(at);
            const place = computed(() => Math.max(0, Math.min(index.value, list().length - 1)));
            const canTurn = (/** @type {number} */ by) => place.value + by in list();
            return viewer({
                picture: () => list()[place.value] ?? null,
                turn: (by) => {
                    if (canTurn(by)) index.value = place.peek() + by;
                },
                canTurn,
                place: () => `${place.value + 1} of ${list().length}`,
            });
        },
        { kind: 'whole' },
    );
}

/**
 * The inside of such a dialog: the picture, the ways to others, and what is told of it.
 * @param {ViewerOptions} options
 */
export function viewer({ picture, turn, canTurn, place, beside, tools }) {
    const zoom = signal(FITTED);
    const at = settled(picture);
    effect(() => {
        void at.value;
        zoom.value = FITTED;
    });
    const turnIfThere = (/** @type {-1 | 1} */ by) => {
        if (canTurn(by)) turn(by);
    };
    const shown = stage(picture, zoom, { onturn: turnIfThere });
    const way = (/** @type {-1 | 1} */ by) =>
        button({
            label: by < 0 ? 'Previous' : 'Next',
            icon: by < 0 ? 'back' : 'right',
            isBare: true,
            onclick: () => turnIfThere(by),
            disabled: () => !canTurn(by),
            more: { class: `button bare viewer-way ${by < 0 ? 'before' : 'after'}` },
        });
    const root = h(
        'div',
        { class: ['viewer', beside ? 'with-beside' : ''] },
        h(
            'div',
            { class: 'viewer-picture' },
            shown,
            way(-1),
            way(1),
            h(
                'div',
                { class: 'viewer-tools' },
                h('span', { class: 'viewer-place number', role: 'status' }, place),
                zoomTools(zoom),
                tools,
            ),
        ),
        beside ? h('div', { class: 'viewer-beside' }, beside) : null,
    );
    root.addEventListener('keydown', (event) => {
        if (isWriting(event) || zoomByKey(event, zoom)) return;
        const by = /** @type {Record<string, -1 | 1>} */ ({ ArrowLeft: -1, ArrowRight: 1, PageUp: -1, PageDown: 1 })[
            event.key
        ];
        if (!by) return;
        event.preventDefault();
        turnIfThere(by);
    });
    effect(() => {
        void at.value;
        queueMicrotask(() => keepFocus(root, shown));
    });
    return root;
}

/**
 * Take the focus back from a button that cannot be used any more, so that the keys go on to work.
 * @param {HTMLElement} root
 * @param {HTMLElement} shown
 */
function keepFocus(root, shown) {
    const focused = document.activeElement;
    const isLost = !focused || !root.contains(focused) || focused.matches(':disabled');
    if (isLost && root.isConnected) shown.focus({ preventScroll: true });
}

/** @param {import('./stage.js').ZoomSignal} zoom */
export function zoomTools(zoom) {
    return [
        button({
            label: 'Smaller',
            icon: 'minus',
            kind: 'quiet',
            isBare: true,
            disabled: () => zoom.value.scale <= 1,
            onclick: () => {
                zoom.value = zoomed(zoom.peek(), 1 / STEP);
            },
        }),
        button({
            label: () => `${Math.round(zoom.value.scale * 100)} %`,
            kind: 'quiet',
            onclick: () => {
                zoom.value = FITTED;
            },
            more: { title: 'Show all of it' },
        }),
        button({
            label: 'Larger',
            icon: 'add',
            kind: 'quiet',
            isBare: true,
            onclick: () => {
                zoom.value = zoomed(zoom.peek(), STEP);
            },
        }),
    ];
}

/**
 * Tell whether a key is meant for what somebody writes or sets.
 * @param {Event} event
 */
export const isWriting = (event) =>
    event.target instanceof Element && !!event.target.closest('input, textarea, select, video, audio, [role="menu"]');
