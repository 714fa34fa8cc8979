"""What must never be found in rights and sessions (reliability 4.4)."""

from core.invariants import Invariant, register

register(
    Invariant(
        "partners.session_of_blocked",
        "Сеанс заблокированного сотрудника",
        """
        SELECT link.id, employee.login FROM partners_sessionlink link
        JOIN partners_employee employee ON employee.id = link.employee_id WHERE employee.access = 'forbidden'
        """,
    ),
    Invariant(
        "partners.grant_above_grantor",
        "Право шире, чем было у того, кто его выдал",
        """
        WITH width (scope, n) AS (
            VALUES ('own', 0), ('department', 1), ('salespoint', 2), ('region', 3), ('all', 4)
        ), held AS (
            SELECT employee_id, "right", scope, granted_at AS since, revoked_at AS until FROM partners_grant
            UNION ALL
            SELECT assigned.employee_id, role_right."right", role_right.scope, assigned.granted_at, assigned.revoked_at
            FROM partners_roleassignment assigned JOIN partners_roleright role_right USING (role_id)
        )
        SELECT given.id, given.employee_id, given.granted_by_id, given."right", given.scope
        FROM partners_grant given JOIN width wanted ON wanted.scope = given.scope
        WHERE given.granted_by_id IS NOT NULL
          AND NOT EXISTS (
            SELECT 1 FROM held JOIN width had ON had.scope = held.scope
            WHERE held.employee_id = given.granted_by_id AND held."right" = given."right" AND had.n >= wanted.n
              AND held.since <= given.granted_at AND (held.until IS NULL OR held.until >= given.granted_at))
          -- An edited role no longer tells what it held then.
          AND NOT EXISTS (
            SELECT 1 FROM partners_roleassignment edited JOIN partners_role role ON role.id = edited.role_id
            WHERE edited.employee_id = given.granted_by_id AND role.version > 1)
        """,
    ),
    Invariant(
        "partners.no_operator",
        "Нет ни одного работающего оператора",
        """
        SELECT 'operator' AS role WHERE EXISTS (SELECT 1 FROM partners_employee WHERE access = 'allowed') AND EXISTS (
            SELECT 1 FROM partners_roleassignment) AND NOT EXISTS (
            SELECT 1 FROM partners_roleassignment assigned
            JOIN partners_role role ON role.id = assigned.role_id AND role.code = 'operator'
            JOIN partners_employee employee ON employee.id = assigned.employee_id AND employee.access = 'allowed'
            WHERE assigned.revoked_at IS NULL)
        """,
    ),
)
