/** Shows one picture as large as there is room, to look at closely: with the wheel, two fingers, or the keys. */

import { pictureOf, thumbnailOf } from '../core/api.js';
import { h } from '../core/dom.js';
import { effect, signal } from '../core/signals.js';
import { CLOSE, FITTED, moved, pinched, STEP, zoomed } from './zooming.js';

/** @typedef {{ id: string, text: string, media_type?: string | null, has_thumbnail?: boolean }} Shown An artifact, and what it shows. */
/** @typedef {import('../core/signals.js').Signal<import('./zooming.js').Zoom>} ZoomSignal */
/** @typedef {import('./zooming.js').Point} Point */

const PAN = 0.15;
const SWIPE = 60;

/**
 * Return a signal of a picture that changes when another is to be shown, not whenever it was looked at anew.
 * @param {() => Shown | null} picture
 */
export function settled(picture) {
    const said = signal('null');
    effect(() => {
        said.value = JSON.stringify(picture());
    });
    return {
        get value() {
            return /** @type {Shown | null} */ (JSON.parse(said.value));
        },
    };
}

/**
 * @param {() => Shown | null} picture
 * @param {ZoomSignal} zoom May be shared: all stages that have it show the same part.
 * @param {{ onturn?: (by: -1 | 1) => void, label?: string }} [options] `onturn` is called when somebody swipes.
 */
export function stage(picture, zoom, { onturn, label = 'Picture' } = {}) {
    const shown = settled(picture);
    const root = h(
        'div',
        { class: 'stage-window', role: 'group', 'aria-label': label, tabindex: '0' },
        h(
            'div',
            {
                class: 'stage-picture',
                style: () => {
                    const { scale, x, y } = zoom.value;
                    return { transform: `translate(${x * 100}%, ${y * 100}%) scale(${scale})` };
                },
            },
            () => content(shown.value),
        ),
    );
    follow(root, zoom, onturn);
    return root;
}

/**
 * Do what a key means for the zoom, and return whether it means anything.
 * @param {KeyboardEvent} event
 * @param {ZoomSignal} zoom
 */
export function zoomByKey(event, zoom) {
    if (event.ctrlKey || event.metaKey || event.altKey) return false;
    const now = zoom.peek();
    const isClose = now.scale > 1;
    /** @type {Record<string, () => import('./zooming.js').Zoom | false>} */
    const ways = {
        '+': () => zoomed(now, STEP),
        '=': () => zoomed(now, STEP),
        '-': () => zoomed(now, 1 / STEP),
        0: () => FITTED,
        ArrowLeft: () => isClose && moved(now, PAN, 0),
        ArrowRight: () => isClose && moved(now, -PAN, 0),
        ArrowUp: () => isClose && moved(now, 0, PAN),
        ArrowDown: () => isClose && moved(now, 0, -PAN),
    };
    const next = ways[event.key]?.();
    if (!next) return false;
    zoom.value = next;
    event.preventDefault();
    return true;
}

/** @param {Shown | null} shown */
function content(shown) {
    if (!shown) return null;
    const kind = shown.media_type?.split('/')[0] ?? 'image';
    const src = pictureOf(shown.id);
    if (kind === 'video') return h('video', { src, controls: true, loop: true, 'aria-label': shown.text });
    if (kind === 'audio') return h('audio', { src, controls: true, 'aria-label': shown.text });
    if (kind !== 'image') return h('a', { href: src, download: true }, 'Download the file: it is not a picture');
    // The small picture, which is there already, stands in for the large one until that has come.
    const small = shown.has_thumbnail === false ? null : thumbnailOf(shown.id);
    return [
        small ? h('img', { class: 'stage-before', src: small, alt: '', draggable: 'false' }) : null,
        h('img', {
            src,
            alt: shown.text,
            draggable: 'false',
            decoding: 'async',
            onload: (/** @type {any} */ event) => event.target.parentNode?.querySelector('.stage-before')?.remove(),
        }),
    ];
}

/**
 * @param {HTMLElement} root
 * @param {ZoomSignal} zoom
 * @param {((by: -1 | 1) => void) | undefined} onturn
 */
function follow(root, zoom, onturn) {
    /** @type {Map<number, Point>} */
    const fingers = new Map();
    let begun = { x: 0, y: 0 };
    let isSwipe = false;

    root.addEventListener(
        'wheel',
        (event) => {
            event.preventDefault();
            const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
            const factor = Math.exp(-event.deltaY * lines * (event.ctrlKey ? 0.01 : 0.002)); // a pad's pinch has ctrlKey
            zoom.value = zoomed(zoom.peek(), factor, pointOf(root, event));
        },
        { passive: false },
    );
    root.addEventListener('dblclick', (event) => {
        if (!isPicture(event)) return;
        zoom.value = zoom.peek().scale > 1 ? FITTED : zoomed(FITTED, CLOSE, pointOf(root, event));
    });
    root.addEventListener('pointerdown', (event) => {
        if (!isPicture(event) || event.button !== 0) return;
        fingers.set(event.pointerId, pointOf(root, event));
        root.setPointerCapture(event.pointerId);
        begun = { x: event.clientX, y: event.clientY };
        isSwipe = fingers.size === 1 && event.pointerType !== 'mouse' && zoom.peek().scale === 1;
    });
    root.addEventListener('pointermove', (event) => {
        const before = fingers.get(event.pointerId);
        if (!before) return;
        const after = pointOf(root, event);
        const other = [...fingers].find(([id]) => id !== event.pointerId)?.[1];
        zoom.value = other
            ? pinched(zoom.peek(), [before, other], [after, other])
            : moved(zoom.peek(), after.x - before.x, after.y - before.y);
        fingers.set(event.pointerId, after);
    });
    const lift = (/** @type {PointerEvent} */ event) => {
        if (!fingers.delete(event.pointerId) || !isSwipe || event.type === 'pointercancel') return;
        isSwipe = false;
        const [across, down] = [event.clientX - begun.x, event.clientY - begun.y];
        if (Math.abs(across) > SWIPE && Math.abs(across) > Math.abs(down) * 1.5) onturn?.(across < 0 ? 1 : -1);
    };
    root.addEventListener('pointerup', lift);
    root.addEventListener('pointercancel', lift);
}

/** @param {Event} event */
const isPicture = (event) =>
    !(event.target instanceof Element && event.target.closest('video, audio, a, button, input'));

/**
 * @param {HTMLElement} root
 * @param {MouseEvent} event
 * @returns {Point}
 */
function pointOf(root, event) {
    const { left, top, width, height } = root.getBoundingClientRect();
    return { x: (event.clientX - left) / width - 0.5, y: (event.clientY - top) / height - 0.5 };
}
