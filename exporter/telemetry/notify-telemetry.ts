import { ROBOT_TROUBLES } from '../doors/notify/dingtalk/robot.js';
import { CHANNELS, NOTIFY_ANSWERS, type NotifyObserver } from '../doors/notify/notify-doors.js';
import type { Logger } from './log.js';
import type { OwnMetrics } from './own-metrics.js';

/** The same trouble of a robot is told again after so long, ms. */
const TELL_AGAIN_MS = 60_000;

/** Turns what happens to notifications into metrics and log lines; every counter begins at 0. */
export function notifyTelemetry(own: OwnMetrics, log: Logger, robots: Iterable<string>): NotifyObserver {
  const told = new Map<string, { text: string; at: number }>();
  for (const channel of CHANNELS) for (const answer of NOTIFY_ANSWERS) own.notifications.inc({ channel, answer }, 0);
  for (const robot of robots) for (const reason of ROBOT_TROUBLES) own.dingtalkFailures.inc({ robot, reason }, 0);
  return {
    answered: (channel, answer) => own.notifications.inc({ channel, answer }),
    recorded: (alerts) => own.alertsRecorded.inc(alerts),
    robotDelivered(robot) {
      own.dingtalkLastSuccess.set({ robot }, Date.now() / 1000);
      if (told.delete(robot)) log.info({ robot }, 'The robot takes messages again');
    },
    robotFailed(robot, trouble, reason, advice) {
      own.dingtalkFailures.inc({ robot, reason: trouble });
      const now = performance.now();
      const last = told.get(robot);
      if (last?.text === reason && now - last.at < TELL_AGAIN_MS) return;
      told.set(robot, { text: reason, at: now });
      const line = { robot, trouble, reason, advice };
      if (trouble === 'refused')
        log.error(line, 'DingTalk refuses the messages of a robot: nobody hears of these alerts there');
      else log.warn(line, 'A robot takes no messages now: Alertmanager sends them again');
    },
    failed: (channel, error) => log.error({ channel, err: error }, 'A notification could not be taken'),
  };
}
