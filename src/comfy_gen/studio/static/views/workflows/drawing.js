/** Draws a graph that is laid out. Each node is a button; which one can be reached by Tab is for the caller to say. */

import { svg } from '../../core/dom.js';
import { shortened, valueText } from './graph.js';
import { LINE, MOST_VALUES, middleOf, portLines, WIDTH } from './laying.js';
import { spoken, titles } from './words.js';

/** @typedef {import('./graph.js').Graph} Graph */
/** @typedef {import('./graph.js').GraphNode} GraphNode */
/** @typedef {import('./laying.js').Box} Box */
/** @typedef {import('./laying.js').Layout} Layout */

/** So many characters have room in a node's box. */
const [TITLE, TEXT, PORT] = [26, 29, 16];
const [PAD, RADIUS] = [12, 4.5];

/**
 * @param {Graph} graph
 * @param {Layout} layout
 * @param {{ missing: ReadonlySet<string>, chosen: () => string, isReached: (id: string) => boolean, choose: (id: string) => void, reach: (id: string) => void }} how
 */
export function drawing(graph, layout, how) {
    const called = titles(graph);
    const nodes = layout.boxes.map((box, at) => drawnNode(box, spoken(box.node, at, layout.boxes.length, called), how));
    return [
        svg(
            'g',
            { class: 'workflow-ways', 'aria-hidden': 'true' },
            layout.ways.map((way) => drawnWay(way, how.chosen)),
        ),
        svg('g', null, nodes),
    ];
}

/**
 * @param {import('./laying.js').Way} way
 * @param {() => string} chosen
 */
function drawnWay({ link, path }, chosen) {
    const isLit = () => chosen() === link.from || chosen() === link.to;
    return svg('path', { class: () => ['workflow-way', `workflow-${link.kind}`, isLit() && 'lit'], d: path });
}

/**
 * @param {Box} box
 * @param {string} words
 * @param {Parameters<typeof drawing>[2]} how
 */
function drawnNode({ node, x, y, width, height }, words, { missing, chosen, isReached, choose, reach }) {
    const isMissing = missing.has(node.id);
    return svg(
        'g',
        {
            class: ['workflow-node', isMissing && 'missing'],
            transform: `translate(${x} ${y})`,
            role: 'button',
            tabindex: () => (isReached(node.id) ? '0' : '-1'),
            'aria-pressed': () => String(chosen() === node.id),
            'aria-label': isMissing ? `${words}; no engine has it` : words,
            dataset: { node: node.id },
            onclick: () => choose(node.id),
            onfocus: () => reach(node.id),
        },
        svg('rect', { class: 'workflow-box', width, height, rx: 8 }),
        text('workflow-title', PAD, 20, shortened(node.title, TITLE)),
        text('workflow-class', PAD, 36, shortened(`${isMissing ? 'missing: ' : ''}${node.classType}`, TEXT)),
        ports(node),
        values(node),
    );
}

/** @param {GraphNode} node */
function ports({ takes, outputs }) {
    return [
        takes.map(({ input, kind }, line) => [
            svg('circle', { class: `workflow-port workflow-${kind}`, cx: 0, cy: middleOf(line), r: RADIUS }),
            text('workflow-text', PAD, middleOf(line) + 4, shortened(input, PORT)),
        ]),
        outputs.map(({ kind }, line) => [
            svg('circle', { class: `workflow-port workflow-${kind}`, cx: WIDTH, cy: middleOf(line), r: RADIUS }),
            kind === 'other' ? null : text('workflow-text end', WIDTH - PAD, middleOf(line) + 4, kind),
        ]),
    ];
}

/** @param {GraphNode} node */
function values(node) {
    const start = portLines(node);
    const shown = node.values.slice(0, MOST_VALUES);
    const left = node.values.length - shown.length;
    return [
        shown.map(([name, value], at) => {
            const label = shortened(name, PORT);
            const room = Math.max(4, TEXT - [...label].length - 2);
            const y = middleOf(start + at) + 4;
            return [
                text('workflow-text dim', PAD, y, label),
                text('workflow-text end', WIDTH - PAD, y, shortened(valueText(value), room)),
            ];
        }),
        left ? text('workflow-text dim', PAD, middleOf(start + shown.length) + LINE / 2 - 5, `and ${left} more`) : null,
    ];
}

/**
 * @param {string} kind
 * @param {number} x
 * @param {number} y
 * @param {string} said
 */
const text = (kind, x, y, said) => svg('text', { class: kind, x, y }, said);
