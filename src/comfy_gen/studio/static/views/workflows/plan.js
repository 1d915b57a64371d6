/** A workflow's graph: its drawing, with the keys to go about in it, and beside it the node that was chosen. */

import { h, svg } from '../../core/dom.js';
import { signal } from '../../core/signals.js';
import { amount } from '../../core/words.js';
import { button } from '../../parts/buttons.js';
import { empty } from '../../parts/states.js';
import { drawing } from './drawing.js';
import { KINDS } from './graph.js';
import { layOut } from './laying.js';
import { movable } from './moving.js';
import { panel } from './panel.js';
import { moved, READABLE, revealing, STEP } from './sight.js';

/** @typedef {import('./graph.js').Graph} Graph */

/** So far the drawing moves with a key. */
const PUSH = 60;

/**
 * @param {Graph} graph
 * @param {import('../../core/signals.js').Signal<string>} chosen The id of a node; empty for none.
 * @param {() => ReadonlySet<string>} missing The ids of the nodes that no engine has.
 */
export function plan(graph, chosen, missing) {
    if (!graph.nodes.length)
        return empty({ icon: 'workflows', title: 'Nothing to draw', text: 'There is no node in this workflow.' });
    return h(
        'div',
        { class: 'workflow-plan' },
        h('div', { class: 'workflow-left' }, () => sheet(graph, chosen, missing()), legend(graph)),
        h('section', { class: 'card workflow-panel', 'aria-label': 'Node' }, () =>
            panel(graph, chosen.value, (id) => goTo(id, chosen)),
        ),
    );
}

/**
 * Choose a node and go there, from outside of the drawing.
 * @param {string} id
 * @param {import('../../core/signals.js').Signal<string>} chosen
 */
function goTo(id, chosen) {
    chosen.value = id;
    focusOn(id);
}

/**
 * @param {Graph} graph
 * @param {import('../../core/signals.js').Signal<string>} chosen
 * @param {ReadonlySet<string>} missing
 */
function sheet(graph, chosen, missing) {
    const layout = layOut(graph);
    const boxes = new Map(layout.boxes.map((box) => [box.node.id, box]));
    const sight = signal({ scale: 1, x: 0, y: 0 });
    const reached = signal(chosen.peek() || (graph.nodes[0]?.id ?? ''));
    const reveal = (/** @type {string} */ id) => {
        const box = boxes.get(id);
        if (box) sight.value = revealing(sight.peek(), box, move.room());
    };
    let isPointed = false;
    const drawn = svg(
        'svg',
        {
            class: () => ['workflow-drawing', sight.value.scale < READABLE && 'far'],
            role: 'group',
            'aria-label': `Graph of ${amount(graph.nodes.length, 'node')}`,
        },
        svg(
            'g',
            { transform: () => `translate(${sight.value.x} ${sight.value.y}) scale(${sight.value.scale})` },
            drawing(graph, layout, {
                missing,
                chosen: () => chosen.value,
                isReached: (id) => reached.value === id,
                choose: (id) => {
                    chosen.value = chosen.peek() === id ? '' : id;
                },
                reach: (id) => {
                    reached.value = id;
                    if (!isPointed) reveal(id);
                },
            }),
        ),
    );
    const root = h('div', { class: 'workflow-window' }, drawn);
    const move = movable(root, sight, layout);
    root.addEventListener('pointerdown', () => {
        isPointed = true; // what is pressed is seen already
        queueMicrotask(() => setTimeout(() => (isPointed = false)));
    });
    root.addEventListener('keydown', (event) => press(event, graph, chosen, move, sight));
    return h('div', { class: 'workflow-sheet' }, root, tools(move));
}

/** @param {EventTarget | null} target */
const idOf = (target) => (target instanceof SVGElement ? (target.dataset['node'] ?? '') : '');

/**
 * @param {KeyboardEvent} event
 * @param {Graph} graph
 * @param {import('../../core/signals.js').Signal<string>} chosen
 * @param {ReturnType<typeof movable>} move
 * @param {import('./moving.js').SightSignal} sight
 */
function press(event, graph, chosen, move, sight) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const id = idOf(event.target);
    const at = graph.nodes.findIndex((node) => node.id === id);
    const target = event.shiftKey ? undefined : nodeAt(event.key, at, graph.nodes.length);
    const push = event.shiftKey ? PUSHES[event.key] : undefined;
    /** @type {Record<string, () => void>} */
    const ways = {
        '+': () => move.zoom(STEP),
        '=': () => move.zoom(STEP),
        '-': () => move.zoom(1 / STEP),
        0: move.fit,
        Escape: () => {
            chosen.value = '';
        },
        Enter: () => /** @type {SVGElement} */ (event.target).dispatchEvent(new MouseEvent('click')),
        ' ': () => /** @type {SVGElement} */ (event.target).dispatchEvent(new MouseEvent('click')),
    };
    if (target !== undefined) focusOn(graph.nodes[target]?.id ?? '');
    else if (push) move.see(moved(sight.peek(), push[0] * PUSH, push[1] * PUSH));
    else if (ways[event.key]) ways[event.key]?.();
    else return;
    event.preventDefault();
}

/** @type {Record<string, readonly [number, number]>} */
const PUSHES = { ArrowLeft: [1, 0], ArrowRight: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

/**
 * Return where a key goes from a node, in the order in which they work.
 * @param {string} key
 * @param {number} at
 * @param {number} count
 */
function nodeAt(key, at, count) {
    /** @type {Record<string, number>} */
    const targets = {
        ArrowRight: at + 1,
        ArrowDown: at + 1,
        ArrowLeft: at - 1,
        ArrowUp: at - 1,
        Home: 0,
        End: count - 1,
    };
    const target = targets[key];
    return target === undefined ? undefined : Math.max(0, Math.min(count - 1, target));
}

/** @param {string} id */
function focusOn(id) {
    /** @type {SVGElement | null} */ (document.querySelector(`.workflow-node[data-node="${CSS.escape(id)}"]`))?.focus({
        preventScroll: true,
    });
}

/** @param {ReturnType<typeof movable>} move */
function tools(move) {
    return h(
        'div',
        { class: 'workflow-tools', role: 'group', 'aria-label': 'Look at the graph' },
        button({ label: 'Larger', icon: 'add', isBare: true, onclick: () => move.zoom(STEP) }),
        button({ label: 'Smaller', icon: 'minus', isBare: true, onclick: () => move.zoom(1 / STEP) }),
        button({ label: 'Show all of it', icon: 'zoom', isBare: true, onclick: move.fit }),
    );
}

/** @param {Graph} graph */
function legend(graph) {
    const found = Object.entries(KINDS).filter(([kind]) => graph.links.some((link) => link.kind === kind));
    return h(
        'div',
        { class: 'workflow-legend small dim' },
        found.map(([kind, words]) =>
            h(
                'span',
                { class: 'row tight' },
                svg(
                    'svg',
                    { class: 'workflow-sample', viewBox: '0 0 20 8', 'aria-hidden': 'true' },
                    svg('path', { class: `workflow-way workflow-${kind}`, d: 'M1 4H19' }),
                ),
                words,
            ),
        ),
        h('span', null, 'Arrow keys go from node to node; + and − zoom, 0 shows all.'),
    );
}
