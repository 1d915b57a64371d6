/** What a picture is called. Pure. */

const LONGEST = 120;

/**
 * Return its title, or the beginning of its prompt: a job that nobody gave a title has its workflow's name.
 * @param {{ title: string, prompt: string, workflow: string }} picture
 */
export const nameOf = ({ title, prompt, workflow }) =>
    (title === workflow ? '' : title) || prompt.slice(0, LONGEST) || title || 'Untitled';
