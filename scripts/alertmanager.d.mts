/**
 * How to start an Alertmanager: of Debian's, where it is only unpacked, a copy is made beside it that finds its templates.
 *
 * @returns `cwd`: the folder to start it in; undefined = any
 */
export function alertmanagerCommand(program: string): { command: string; cwd: string | undefined };
