/** Moves a drawing in its window, and makes it larger: with the wheel, a mouse, one finger or two. */

import { ended } from '../../core/signals.js';
import { begun, fitted, kept, moved, pinched, zoomed } from './sight.js';

/** @typedef {import('./sight.js').Size} Size */
/** @typedef {import('./sight.js').Point} Point */
/** @typedef {import('../../core/signals.js').Signal<import('./sight.js').Sight>} SightSignal */

/** A pointer that went less far has pressed what is there, and moved nothing. */
const STILL = 4;

/**
 * @param {HTMLElement} root
 * @param {SightSignal} sight
 * @param {Size} drawing
 */
export function movable(root, sight, drawing) {
    const room = () => ({ width: root.clientWidth, height: root.clientHeight });
    const see = (/** @type {import('./sight.js').Sight} */ wanted) => {
        sight.value = kept(wanted, drawing, room());
    };
    fitOnce(root, () => {
        sight.value = begun(drawing, room());
    });
    turnByWheel(root, sight, see);
    drag(root, sight, see);
    return {
        room,
        fit: () => {
            sight.value = fitted(drawing, room());
        },
        /** @param {number} factor */
        zoom: (factor) => see(zoomed(sight.peek(), factor, { x: root.clientWidth / 2, y: root.clientHeight / 2 })),
        see,
    };
}

/**
 * Show all as soon as the window has a size, and again whenever that changes much: a phone is turned.
 * @param {HTMLElement} root
 * @param {() => void} fit
 */
function fitOnce(root, fit) {
    let before = 0;
    const watching = new ResizeObserver(() => {
        const width = root.clientWidth;
        if (!width || Math.abs(width - before) < before * 0.2) return;
        before = width;
        fit();
    });
    watching.observe(root);
    ended(() => watching.disconnect());
}

/**
 * @param {HTMLElement} root
 * @param {SightSignal} sight
 * @param {(wanted: import('./sight.js').Sight) => void} see
 */
function turnByWheel(root, sight, see) {
    root.addEventListener(
        'wheel',
        (event) => {
            event.preventDefault();
            const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
            if (event.shiftKey) return see(moved(sight.peek(), -(event.deltaX + event.deltaY) * lines, 0));
            const factor = Math.exp(-event.deltaY * lines * (event.ctrlKey ? 0.01 : 0.002)); // a pad's pinch has ctrlKey
            return see(zoomed(sight.peek(), factor, pointOf(root, event)));
        },
        { passive: false },
    );
}

/**
 * @param {HTMLElement} root
 * @param {SightSignal} sight
 * @param {(wanted: import('./sight.js').Sight) => void} see
 */
function drag(root, sight, see) {
    /** @type {Map<number, Point>} */
    const fingers = new Map();
    let gone = 0;
    root.addEventListener('pointerdown', (event) => {
        if (event.button !== 0) return;
        if (!fingers.size) gone = 0;
        fingers.set(event.pointerId, pointOf(root, event));
    });
    root.addEventListener('pointermove', (event) => {
        const before = fingers.get(event.pointerId);
        if (!event.buttons) fingers.delete(event.pointerId); // it was lifted elsewhere
        if (!before || !event.buttons) return;
        const after = pointOf(root, event);
        gone += Math.hypot(after.x - before.x, after.y - before.y);
        if (gone < STILL) return;
        if (!root.hasPointerCapture(event.pointerId)) root.setPointerCapture(event.pointerId);
        const other = [...fingers].find(([id]) => id !== event.pointerId)?.[1];
        see(
            other
                ? pinched(sight.peek(), [before, other], [after, other])
                : moved(sight.peek(), after.x - before.x, after.y - before.y),
        );
        fingers.set(event.pointerId, after);
    });
    const lift = (/** @type {PointerEvent} */ event) => fingers.delete(event.pointerId);
    root.addEventListener('pointerup', lift);
    root.addEventListener('pointercancel', lift);
    // What was dragged was not pressed.
    root.addEventListener('click', (event) => gone >= STILL && event.stopPropagation(), { capture: true });
}

/**
 * @param {HTMLElement} root
 * @param {MouseEvent} event
 * @returns {Point}
 */
function pointOf(root, event) {
    const { left, top } = root.getBoundingClientRect();
    return { x: event.clientX - left, y: event.clientY - top };
}
