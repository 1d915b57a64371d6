// Generates a picture and tells how it goes: one request, read as it comes. Runs in Node.js 18 or newer, and works the
// same way in a browser.
//
//     node stream.mjs "a lighthouse at dusk"

const service = process.env.COMFYGEN_URL ?? 'http://127.0.0.1:8000';
const key = process.env.COMFYGEN_KEY;

const response = await fetch(`${service}/generate/stream`, {
    method: 'POST',
    headers: {'Content-Type': 'application/json', ...(key && {'Authorization': `Bearer ${key}`})},
    body: JSON.stringify({prompt: process.argv[2] ?? 'a lighthouse at dusk'}),
});
if (!response.ok) {
    const {error} = await response.json();
    console.error(`${error.message}; ${error.hint}`);
    process.exit(1);
}
for await (const {data} of events(response.body)) {
    const told = JSON.parse(data);
    if (told.status === 'final_result') {
        console.log(told.message);
        told.result.output.forEach((file) => console.log(file.url));
        process.exitCode = told.result.status === 'completed' ? 0 : 1;
    } else {
        console.log(`${told.status}: ${told.progress} %`);
    }
}

// Yields the server-sent events of a stream of bytes: their fields by name.
async function* events(body) {
    let rest = '';
    const decoder = new TextDecoder();
    for await (const bytes of body) {
        const blocks = (rest + decoder.decode(bytes, {stream: true})).split(/\r?\n\r?\n/);
        rest = blocks.pop();
        for (const block of blocks) {
            const fields = {};
            for (const line of block.split(/\r?\n/)) {
                const [, name, value] = line.match(/^([^:]+):\s?(.*)$/) ?? [];  // a comment has no name
                if (name === 'data' && name in fields) fields.data += `\n${value}`;
                else if (name) fields[name] = value;
            }
            if ('data' in fields) yield fields;
        }
    }
}
