/** Says in words what a node is and what it is connected to: for who hears the drawing, and for the table. Pure. */

/** @typedef {import('./graph.js').Graph} Graph */
/** @typedef {import('./graph.js').GraphNode} GraphNode */

/** @param {Graph} graph */
export const titles = (graph) => new Map(graph.nodes.map(({ id, title }) => [id, title]));

/**
 * Say what a node takes: "model from Loader, samples from Sampler".
 * @param {GraphNode} node
 * @param {ReadonlyMap<string, string>} called
 */
export const takesOf = ({ takes }, called) =>
    takes.map(({ input, from }) => `${input} from ${called.get(from) ?? from}`).join(', ');

/**
 * Say what takes from a node: "Decoder, Preview".
 * @param {GraphNode} node
 * @param {ReadonlyMap<string, string>} called
 */
export const givesOf = ({ gives }, called) => [...new Set(gives.map(({ to }) => called.get(to) ?? to))].join(', ');

/**
 * @param {GraphNode} node
 * @param {number} at
 * @param {number} count
 * @param {ReadonlyMap<string, string>} called
 */
export function spoken(node, at, count, called) {
    const [takes, gives] = [takesOf(node, called), givesOf(node, called)];
    return [
        node.title === node.classType ? node.title : `${node.title}, ${node.classType}`,
        `node ${at + 1} of ${count}`,
        takes && `takes ${takes}`,
        gives && `gives to ${gives}`,
    ]
        .filter(Boolean)
        .join('; ');
}
