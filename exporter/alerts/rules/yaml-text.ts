import { Document, isScalar, Scalar, visit } from 'yaml';

/** Ends of lines and marks that YAML 1.1, as Prometheus reads it, does not keep in a text. */
const NOT_KEPT = /[\u0085\u2028\u2029\ufeff]/;

/** Data as YAML that readers of YAML 1.1 and 1.2 read alike. */
export function yamlText(data: unknown): string {
  const document = new Document(data, { aliasDuplicateObjects: false });
  visit(document, {
    Scalar(_key, node) {
      if (isScalar(node) && typeof node.value === 'string' && NOT_KEPT.test(node.value))
        node.type = Scalar.QUOTE_DOUBLE;
    },
  });
  const text = document.toString({ lineWidth: 0 });
  // In double quotes now, where an escape is read.
  return text.replace(new RegExp(NOT_KEPT, 'g'), (mark) => `\\u${mark.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
