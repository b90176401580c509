import type { Language } from '../../../config/settings.js';

/** Every word of a message that is not the alert's own. */
export interface Texts {
  readonly levels: Readonly<Record<string, string>>;
  readonly firing: string;
  readonly resolved: string;
  readonly workspace: string;
  readonly everyWorkspace: string;
  readonly model: string;
  readonly everyModel: string;
  readonly value: string;
  readonly threshold: string;
  readonly since: string;
  readonly lasted: string;
  readonly message: string;
  readonly dashboard: string;
  readonly logs: string;
  readonly runbook: string;
  readonly silence: string;
  /** Between a name and what it names. */
  readonly colon: string;
  readonly andMore: (alerts: number) => string;
}

export const TEXTS: Readonly<Record<Language, Texts>> = {
  en: {
    levels: { normal: 'Normal', warning: 'Warning', error: 'Error', critical: 'Critical' },
    firing: 'Firing',
    resolved: 'Resolved',
    workspace: 'Workspace',
    everyWorkspace: 'whole account',
    model: 'Model',
    everyModel: 'all',
    value: 'Value',
    threshold: 'Threshold',
    since: 'Since',
    lasted: 'Lasted',
    message: 'Message',
    dashboard: 'Dashboard',
    logs: 'Logs',
    runbook: 'Runbook',
    silence: 'Silence',
    colon: ': ',
    andMore: (alerts) => `and ${alerts} more`,
  },
  zh: {
    levels: { normal: '普通', warning: '警告', error: '错误', critical: '严重' },
    firing: '告警',
    resolved: '已恢复',
    workspace: '业务空间',
    everyWorkspace: '整个账号',
    model: '模型',
    everyModel: '全部',
    value: '当前值',
    threshold: '阈值',
    since: '开始时间',
    lasted: '持续时间',
    message: '说明',
    dashboard: '监控面板',
    logs: '日志',
    runbook: '处理手册',
    silence: '静默',
    colon: '：',
    andMore: (alerts) => `另有 ${alerts} 条未列出`,
  },
};
