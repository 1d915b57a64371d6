/** What mouse, pen and fingers do on the easel: one paints, two enlarge and move, the middle button moves. */

import { listen } from '../../../core/dom.js';
import { inPicture, pinched } from './sight.js';

/** @typedef {import('./coverage.js').Point} Point */

const [MAIN, MIDDLE] = [0, 1];

/**
 * @param {import('./easel.js').Easel} easel
 * @param {import('./brush.js').Brush} brush
 */
export function heedPointers(easel, brush) {
    /** @type {Map<number, Point>} */
    const held = new Map();
    let isMoving = false;
    const { node, sight } = easel;
    const toPicture = (/** @type {Point} */ at) => inPicture(sight.peek(), at);
    const placeOf = (/** @type {MouseEvent} */ event) => {
        const { left, top } = node.getBoundingClientRect();
        return { x: event.clientX - left - node.clientLeft, y: event.clientY - top - node.clientTop };
    };
    const pinch = (/** @type {PointerEvent} */ event) => {
        const before = [...held.values()];
        held.set(event.pointerId, placeOf(event));
        const { at, factor, right, down } = pinched(two(before), two([...held.values()]));
        easel.move(right, down);
        easel.zoom(factor, at);
    };
    const drag = (/** @type {PointerEvent} */ event) => {
        const [from, to] = [held.get(event.pointerId), placeOf(event)];
        held.set(event.pointerId, to);
        if (from) easel.move(to.x - from.x, to.y - from.y);
    };

    listen(node, 'pointerdown', (event) => {
        if (event.button !== MAIN && event.button !== MIDDLE) return;
        event.preventDefault(); // no selecting, and no scrolling by the middle button
        node.focus({ preventScroll: true });
        node.setPointerCapture(event.pointerId);
        held.set(event.pointerId, placeOf(event));
        easel.isSeen.value = event.pointerType !== 'touch';
        isMoving = event.button === MIDDLE || held.size > 1;
        if (isMoving) brush.abandon();
        else brush.press(toPicture(placeOf(event)));
    });
    listen(node, 'pointermove', (event) => {
        if (held.size > 1) pinch(event);
        else if (isMoving) drag(event);
        else for (const one of passed(event)) brush.move(toPicture(placeOf(one)));
        if (event.pointerType !== 'touch') easel.isSeen.value = true;
    });
    const leave = (/** @type {PointerEvent} */ event) => {
        held.delete(event.pointerId);
        if (held.size) return; // the finger that is left does not paint until it is lifted, too
        brush.lift();
        isMoving = false;
    };
    listen(node, 'pointerup', leave);
    listen(node, 'pointercancel', leave);
    listen(node, 'pointerleave', () => {
        if (!held.size) easel.isSeen.value = false;
    });
    listen(
        node,
        'wheel',
        (event) => {
            event.preventDefault();
            easel.zoom(Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.0015)), placeOf(event));
        },
        { passive: false },
    );
}

/**
 * Return all places that a pointer passed since it was told of last: browsers tell of them once a frame.
 * @param {PointerEvent} event
 */
function passed(event) {
    const all = event.getCoalescedEvents?.() ?? [];
    return all.length ? all : [event];
}

/**
 * @param {Point[]} places
 * @returns {[Point, Point]}
 */
const two = ([first = { x: 0, y: 0 }, second = first]) => [first, second];
