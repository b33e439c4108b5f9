// Reads protobuf text without a schema: enough for the county's files, so that the mock shows the county as it is and not a copy.
// Every field becomes an array, since the text does not tell which ones repeat.

export function parse(text) {
  const tokens = text.match(/#[^\n]*|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[{}[\]:<>,;]|[^\s{}[\]:<>,;#"']+/g)?.filter((t) => !t.startsWith('#')) ?? [];
  let at = 0;
  const message = (end) => {
    const out = {};
    while (at < tokens.length && tokens[at] !== end) {
      if (tokens[at] === ',' || tokens[at] === ';') {
        at += 1;
        continue;
      }
      const name = tokens[at++];
      if (tokens[at] === ':') at += 1;
      const into = (out[name] ??= []);
      if (tokens[at] === '[') {
        at += 1;
        while (tokens[at] !== ']') {
          if (tokens[at] === ',') at += 1;
          else into.push(value());
        }
        at += 1;
      } else {
        into.push(value());
      }
    }
    at += 1;
    return out;
  };
  const value = () => {
    const token = tokens[at++];
    if (token === '{') return message('}');
    if (token === '<') return message('>');
    if (token[0] === '"' || token[0] === "'") {
      let joined = unquote(token);
      while (tokens[at]?.[0] === '"' || tokens[at]?.[0] === "'") joined += unquote(tokens[at++]);
      return joined;
    }
    return /^-?[0-9.]+(e-?[0-9]+)?$/i.test(token) ? Number(token) : token;
  };
  return message(undefined);
}

const ESCAPES = { n: '\n', t: '\t', '"': '"', "'": "'", '\\': '\\' };
const unquote = (token) => token.slice(1, -1).replace(/\\(.)/g, (_, c) => ESCAPES[c] ?? c);

// The one value of a field, or a default.
export const one = (message, name, otherwise = '') => message?.[name]?.[0] ?? otherwise;
export const all = (message, name) => message?.[name] ?? [];
