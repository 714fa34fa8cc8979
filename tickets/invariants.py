"""What must never be found in tickets (reliability 4.4)."""

from core.invariants import Invariant, register

register(
    Invariant(
        "tickets.resolved_incomplete",
        "Решенное обращение без решения или без проблемы",
        """
        SELECT id, number FROM tickets_ticket WHERE state = 'resolved' AND (solution = '' OR problem_id IS NULL)
        """,
    ),
    Invariant(
        "tickets.resolved_still_assigned",
        "Закрытое обращение числится за исполнителем",
        """
        SELECT ticket.id, ticket.number FROM tickets_ticket ticket
        JOIN tickets_ticketassignment held ON held.ticket_id = ticket.id AND held.until IS NULL
        WHERE ticket.state IN ('resolved', 'merged', 'cancelled')
        """,
    ),
    Invariant(
        "tickets.pause_of_not_waiting",
        "Пауза идет, а обращение не ждет",
        """
        SELECT ticket.id, ticket.number FROM tickets_ticket ticket
        JOIN tickets_ticketpause pause ON pause.ticket_id = ticket.id AND pause.ends_at IS NULL
        WHERE ticket.state <> 'waiting'
        """,
    ),
    Invariant(
        "tickets.open_file_of_internal",
        "Файл внутреннего сообщения открыт клиенту",
        """
        SELECT file.id, file.ticket_id FROM tickets_ticketfile file
        JOIN tickets_ticketmessage message ON message.id = file.message_id
        WHERE message.kind = 'internal' AND NOT file.is_internal
        """,
    ),
)
