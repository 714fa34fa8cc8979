"""What must never be found in clients and bindings (reliability 4.4)."""

from core.invariants import Invariant, register

register(
    Invariant(
        "clients.binding_twice",
        "Клиент дважды закреплен по одной теме",
        """
        SELECT client_id, topic_id, count(*) AS bindings FROM clients_binding
        WHERE closed_at IS NULL GROUP BY client_id, topic_id HAVING count(*) > 1
        """,
    ),
    Invariant(
        "clients.binding_of_blocked",
        "Клиент закреплен за сотрудником после его блокировки",
        """
        SELECT binding.id, binding.client_id, employee.login FROM clients_binding binding
        JOIN partners_employee employee ON employee.id = binding.manager_id
        WHERE binding.closed_at IS NULL AND employee.access = 'forbidden' AND binding.manager_since > employee.blocked_at
        """,
    ),
    Invariant(
        "clients.owner_copy",
        "Копия закрепления в карточке разошлась с закреплением",
        """
        SELECT client.id, client.salespoint_id, client.manager_id, binding.salespoint_id AS bound_point, binding.manager_id AS bound_manager
        FROM clients_client client
        FULL JOIN (
            SELECT binding.* FROM clients_binding binding
            JOIN clients_bindingtopic topic ON topic.id = binding.topic_id AND topic.code = 'main'
            WHERE binding.closed_at IS NULL
        ) binding ON binding.client_id = client.id
        WHERE (client.salespoint_id, client.manager_id) IS DISTINCT FROM (binding.salespoint_id, binding.manager_id)
        """,
    ),
    Invariant(
        "clients.invitation_twice",
        "У клиента два открытых приглашения по одной теме",
        """
        SELECT client_id, sender_id, topic, count(*) AS invitations FROM clients_invitation
        WHERE closed_at IS NULL GROUP BY client_id, sender_id, topic HAVING count(*) > 1
        """,
    ),
)
